// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which containers of a pod have which sockets and pipes open, by what /proc calls them. */
final class OpenFiles {
    private static final String SOCKET = "socket:[";
    private static final String PIPE = "pipe:[";

    private final Map<String, Set<String>> owners = new HashMap<>();

    /** @param targets of descriptors of a process */
    void add(String container, Collection<String> targets) {
        for (String target : targets) {
            if (target.startsWith(SOCKET) || target.startsWith(PIPE)) {
                owners.computeIfAbsent(target, t -> new TreeSet<>()).add(container);
            }
        }
    }

    /** Those that have a socket open, in the order of their names. */
    Set<String> containers(long socket) {
        return owners.getOrDefault(SOCKET + socket + "]", Set.of());
    }

    /** Pipes without a name that one container has got from another, by a unix socket. Each dump would make its own of it. */
    List<String> sharedPipes() {
        return owners.entrySet().stream()
                .filter(pipe ->
                        pipe.getKey().startsWith(PIPE) && pipe.getValue().size() > 1)
                .map(pipe -> "containers " + String.join(" and ", pipe.getValue())
                        + " have the same pipe open, which would not be one after a move: use a named pipe in a volume")
                .distinct()
                .sorted()
                .toList();
    }
}
