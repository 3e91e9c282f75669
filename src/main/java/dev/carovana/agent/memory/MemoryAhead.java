// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.OutgoingFile;
import dev.carovana.agent.transfer.TransferClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;

/** Sends the memory of a container's processes while they run. What has changed when they freeze is sent again. */
public final class MemoryAhead {
    private static final Logger LOG = Logger.getLogger(MemoryAhead.class);

    private MemoryAhead() {}

    /**
     * @param processes folders in /proc
     * @param kept where a copy of what was sent is kept
     */
    public static SentMemory send(TransferClient client, String container, List<Path> processes, Path kept)
            throws IOException {
        SentMemory sent = SentMemory.create(kept);
        OutgoingFile file = client.open(Kind.MEMORY, container, "memory", List.of());
        for (Path process : processes) {
            ProcessMemory memory = new ProcessMemory(process, OutgoingFile.PIECE);
            try {
                memory.read((bytes, length) -> {
                    file.data(bytes, 0, length);
                    sent.add(bytes, length);
                });
            } catch (java.nio.file.NoSuchFileException e) {
                LOG.debugf("process %s has ended", process);
            }
        }
        file.finish();
        return sent;
    }
}
