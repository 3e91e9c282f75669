// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which pods execute: rule R1 is that no two of one instance ever do. Thread-safe. */
final class Copies {
    private final Map<String, Set<String>> executing = new ConcurrentHashMap<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();

    void run(String pod) {
        executing.compute(instanceOf(pod), (instance, pods) -> {
            Set<String> all = pods == null ? ConcurrentHashMap.newKeySet() : pods;
            all.add(pod);
            if (all.size() > 1) {
                violations.add("two copies execute: " + all);
            }
            return all;
        });
    }

    void stop(String pod) {
        Set<String> all = executing.get(instanceOf(pod));
        if (all != null) {
            all.remove(pod);
        }
    }

    Set<String> of(String instance) {
        return Set.copyOf(executing.getOrDefault(instance, Set.of()));
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    static String instanceOf(String pod) {
        return pod.substring(0, pod.lastIndexOf('-'));
    }
}
