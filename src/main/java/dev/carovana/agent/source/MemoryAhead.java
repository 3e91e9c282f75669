// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.memory.Pagemap;
import dev.carovana.agent.memory.ProcessMemory;
import dev.carovana.agent.memory.SentPages;
import dev.carovana.agent.transfer.Upload;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Sends memory while the pod runs. What of it is still so in the freeze need not be sent again.
 *
 * @param stopped whether nobody wants it any more
 */
record MemoryAhead(Upload upload, SourcePod pod, BooleanSupplier stopped) {
    /**
     * What was sent of each container, by the processes' ids in their own namespace.
     *
     * @param room bytes that the destination takes
     */
    Map<String, Map<Integer, SentPages>> send(List<String> containers, long room) throws IOException {
        Map<String, Map<Integer, SentPages>> sent = new HashMap<>();
        long left = room;
        for (String container : containers) {
            Map<Integer, SentPages> processes = new HashMap<>();
            sent.put(container, processes);
            if (left <= 0 || stopped.getAsBoolean()) {
                continue;
            }
            for (Path process : pod.processes(container)) {
                left -= send(container, process, left, processes);
            }
        }
        return sent;
    }

    private long send(String container, Path process, long room, Map<Integer, SentPages> sent) throws IOException {
        Optional<ProcessMemory> running = ProcessMemory.of(process, room);
        if (running.isEmpty()) {
            return 0;
        }
        try (ProcessMemory memory = running.get()) {
            int pid = memory.pid();
            long bytes = upload.memory(container, Pagemap.pagesName(pid), untilStopped(memory));
            byte[] pagemap = memory.sent().pagemap(pid);
            bytes += upload.memory(container, Pagemap.imageName(pid), new ByteArrayInputStream(pagemap));
            sent.put(pid, memory.sent());
            return bytes;
        }
    }

    private InputStream untilStopped(InputStream memory) {
        return new FilterInputStream(memory) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return stopped.getAsBoolean() ? -1 : super.read(into, offset, length);
            }
        };
    }
}
