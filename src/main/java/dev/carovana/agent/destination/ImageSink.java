// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.Sink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A file of a dump, or memory sent ahead of it, onto the node's tmpfs. One thread only. */
final class ImageSink implements Sink {
    private static final Logger LOG = Logger.getLogger(ImageSink.class);

    /** Most bytes of a piece of memory that was sent ahead. */
    private static final int PIECE = 256 << 10;

    private final FileChannel channel;
    private final Path memory;
    private @Nullable FileChannel ahead;
    private ByteBuffer piece = ByteBuffer.allocate(0);

    private ImageSink(Path file, Path memory) throws IOException {
        this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.memory = memory;
    }

    static ImageSink of(Images images, String name) throws IOException {
        return new ImageSink(images.file(name), images.memory());
    }

    static ImageSink ofMemory(Images images) throws IOException {
        return new ImageSink(images.memory(), images.memory());
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public ByteBuffer ahead(long from, int length) throws IOException {
        FileChannel all = ahead;
        if (all == null) {
            all = FileChannel.open(memory);
            ahead = all;
            piece = ByteBuffer.allocateDirect(PIECE);
        }
        if (from < 0 || from > all.size() - length) {
            throw new ProtocolException(
                    "copy of " + length + " bytes from " + from + " of " + all.size() + " sent ahead");
        }
        piece.clear().limit(length);
        while (piece.hasRemaining() && all.read(piece, from + piece.position()) >= 0) {
            // goes on
        }
        return piece.flip();
    }

    @Override
    public void finish() throws IOException {
        if (ahead != null) {
            ahead.close();
        }
        channel.close();
    }

    @Override
    public void abandon() {
        try {
            finish();
        } catch (IOException e) {
            LOG.debugf("an abandoned image: %s", e.getMessage());
        }
    }
}
