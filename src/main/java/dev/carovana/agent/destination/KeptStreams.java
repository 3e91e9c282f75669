// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.runtime.Node;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A process that keeps the streams between a pod's containers until all restores have taken their ends. See docs/adr/0031. */
final class KeptStreams implements Closeable {
    private static final String READY = "ready";

    private final Process keeper;

    private KeptStreams(Process keeper) {
        this.keeper = keeper;
    }

    static KeptStreams of(Node node, String wrapper, Path images, String podUid) throws IOException {
        List<String> command = node.onNode(List.of(wrapper, "carovana-streams", images.toString(), podUid));
        KeptStreams kept = new KeptStreams(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        BufferedReader output = kept.keeper.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (!READY.equals(line)) {
            kept.close();
            throw new IOException("streams between containers: " + line);
        }
        return kept;
    }

    /** It ends when its input does. */
    @Override
    public void close() throws IOException {
        keeper.getOutputStream().close();
    }
}
