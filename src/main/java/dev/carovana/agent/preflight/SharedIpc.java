// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.runtime.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What belongs to a pod and not to a container, so that no container's dump has it: CRIU dumps such objects with the namespace that they are
 * in, and restores each container into the new pod's.
 *
 * @param process in /proc, of a container
 */
record SharedIpc(Path process) {
    private static final Map<String, String> KINDS =
            Map.of("shm", "shared memory segments", "sem", "semaphore sets", "msg", "message queues");
    /** Each line begins with its kind, key and id. */
    private static final String TABLES =
            "for kind in shm sem msg; do tail -n +2 /proc/sysvipc/$kind | sed \"s/^/$kind /\"; done";

    private static final String REMEDY = ", which belong to none of its containers and do not move: ";

    /** System V IPC, in a sentence. */
    Optional<String> systemV() throws IOException {
        String tables = Node.execute(List.of("nsenter", "--ipc=" + process.resolve("ns/ipc"), "--", "sh", "-c", TABLES))
                .orThrow();
        Map<String, List<String>> ids = new TreeMap<>();
        for (String line : tables.lines().toList()) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length > 2 && KINDS.containsKey(fields[0])) {
                ids.computeIfAbsent(fields[0], kind -> new ArrayList<>()).add(fields[2]);
            }
        }
        return ids.isEmpty()
                ? Optional.empty()
                : Optional.of("the pod has System V IPC objects" + REMEDY
                        + ids.entrySet().stream()
                                .map(kind -> KINDS.get(kind.getKey()) + " " + String.join(", ", kind.getValue()))
                                .collect(Collectors.joining("; "))
                        + ". Use files in /dev/shm or an emptyDir instead, or remove them (ipcrm)");
    }

    /** POSIX message queues, in a sentence. A dump fails while there is one, open or not. */
    Optional<String> messageQueues() throws IOException {
        Path folder = process.resolve("root/dev/mqueue");
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (Stream<Path> queues = Files.list(folder)) {
            List<String> names =
                    queues.map(queue -> "/" + queue.getFileName()).sorted().toList();
            return names.isEmpty()
                    ? Optional.empty()
                    : Optional.of("the pod has POSIX message queues" + REMEDY + String.join(", ", names)
                            + ". Use a unix socket or a pipe instead, or remove them (mq_unlink)");
        }
    }
}
