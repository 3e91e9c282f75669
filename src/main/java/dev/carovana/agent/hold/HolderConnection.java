// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One connection of one holder: lines of JSON both ways. */
final class HolderConnection implements Holder {
    private static final Logger LOG = Logger.getLogger(HolderConnection.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;
    private final BufferedReader lines;
    private volatile @Nullable HolderStatus status;

    HolderConnection(SocketChannel channel) {
        this.channel = channel;
        this.lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    /** Waits for the next status; false if the holder has gone. */
    boolean next() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            return false;
        }
        status = parse(line);
        return true;
    }

    private HolderStatus parse(String line) throws IOException {
        HolderStatus next = JSON.readValue(line, HolderStatus.class);
        if (next.version() != HolderStatus.VERSION || !next.type().equals("container")) {
            throw new IOException("a holder speaks version " + next.version() + ", this agent speaks version "
                    + HolderStatus.VERSION + ": install the agent's carovana-runc");
        }
        HolderStatus before = status;
        if (before != null
                && !(before.migration().equals(next.migration())
                        && before.container().equals(next.container()))) {
            throw new IOException("a holder changed its container");
        }
        return next;
    }

    boolean introduced() {
        return status != null;
    }

    @Override
    public HolderStatus status() {
        return Objects.requireNonNull(status, "a holder is kept when it has introduced itself");
    }

    @Override
    public void prepare(Path imagePath, Path workPath) {
        send(Map.of("type", "prepare", "imagePath", imagePath.toString(), "workPath", workPath.toString()));
    }

    @Override
    public void describe(Path descriptors) {
        send(Map.of("type", "describe", "descriptors", descriptors.toString()));
    }

    @Override
    public void restore(Path imagePath, Path workPath, Path descriptors) {
        send(Map.of(
                "type",
                "restore",
                "imagePath",
                imagePath.toString(),
                "workPath",
                workPath.toString(),
                "descriptors",
                descriptors.toString()));
    }

    @Override
    public void resume() {
        send(Map.of("type", "resume"));
    }

    @Override
    public void discard() {
        send(Map.of("type", "discard"));
    }

    @Override
    public void end() {
        send(Map.of("type", "end"));
    }

    private synchronized void send(Map<String, String> command) {
        try {
            channel.write(ByteBuffer.wrap((JSON.writeValueAsString(command) + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            LOG.warnf("holder of container %s does not listen: %s", status().container(), e.getMessage());
        }
    }
}
