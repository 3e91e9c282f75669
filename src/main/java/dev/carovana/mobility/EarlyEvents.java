// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.controller.InstanceCache;
import dev.carovana.model.MobilityEvent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Events of the last seconds whose user had no instance. An instance that was there but not in the cache yet when such
 * an event came learns of it as soon as it is. Thread-safe.
 */
@ApplicationScoped
class EarlyEvents {
    /** Much longer than a watch is ever late by. */
    private static final Duration KEPT = Duration.ofSeconds(5);

    private static final int MOST = 20_000;

    private final Deque<Early> byAge = new ArrayDeque<>();
    private final Map<String, List<Early>> bySubject = new HashMap<>();

    /** An event, and when it came. */
    private record Early(MobilityEvent event, Instant at) {}

    synchronized void keep(MobilityEvent event, Instant now) {
        while (!byAge.isEmpty() && (byAge.size() >= MOST || isOld(byAge.getFirst(), now))) {
            drop(byAge.removeFirst());
        }
        Early early = new Early(event, now);
        byAge.addLast(early);
        event.subjects()
                .forEach(s ->
                        bySubject.computeIfAbsent(s, k -> new ArrayList<>()).add(early));
    }

    /** Something newer is known of the user. */
    synchronized void forget(Collection<String> subjects) {
        bySubject.keySet().removeAll(subjects);
    }

    /**
     * Gives away those about an instance, in the order in which they came. What was made after an event is newer than
     * what it says; the API server tells whole seconds only, and in doubt the event counts.
     */
    synchronized List<MobilityEvent> take(FunctionInstance instance, Instant now) {
        Instant made = Instant.parse(instance.getMetadata().getCreationTimestamp());
        List<String> subjects = InstanceCache.subjects(instance);
        List<MobilityEvent> taken = subjects.stream()
                .flatMap(s -> bySubject.getOrDefault(s, List.of()).stream())
                .distinct()
                .filter(e -> !isOld(e, now) && !made.isAfter(e.at()))
                .sorted(Comparator.comparing(Early::at))
                .map(Early::event)
                .toList();
        forget(subjects);
        return taken;
    }

    private void drop(Early early) {
        early.event()
                .subjects()
                .forEach(s -> bySubject.computeIfPresent(s, (k, kept) -> {
                    kept.remove(early);
                    return kept.isEmpty() ? null : kept;
                }));
    }

    private static boolean isOld(Early early, Instant now) {
        return early.at().plus(KEPT).isBefore(now);
    }
}
