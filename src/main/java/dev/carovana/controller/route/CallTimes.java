// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When instances were last called, and which of it is to be written now. Pure, but for what it keeps. Thread-safe. */
final class CallTimes {
    private static final Duration MOST_OFTEN = Duration.ofMinutes(1);
    /** What is written may be this part of the time that an instance may be idle behind. */
    private static final int SHARE = 4;

    record Key(String namespace, String name) {}

    /**
     * @param last call that is known
     * @param written call that was told last; null before the first
     * @param writtenAt when that was
     */
    private record Times(Instant last, @Nullable Instant written, @Nullable Instant writtenAt, Duration idleTimeout) {
        boolean isDue(Instant now) {
            Duration pause = idleTimeout.dividedBy(SHARE);
            Duration interval = pause.compareTo(MOST_OFTEN) < 0 ? pause : MOST_OFTEN;
            return writtenAt == null || !now.isBefore(writtenAt.plus(interval));
        }

        boolean isNews() {
            return !last.equals(written);
        }
    }

    private final Map<Key, Times> all = new HashMap<>();

    /** A gateway says so; another one may know of a later call. */
    synchronized void called(Key instance, Instant at, Duration idleTimeout) {
        all.merge(
                instance,
                new Times(at, null, null, idleTimeout),
                (old, now) -> new Times(
                        old.last().isAfter(at) ? old.last() : at, old.written(), old.writtenAt(), idleTimeout));
    }

    /** Whether it is written or not. */
    synchronized Optional<Instant> last(Key instance) {
        return Optional.ofNullable(all.get(instance)).map(Times::last);
    }

    /** It could not be written: that is due again. */
    synchronized void failed(Key instance) {
        all.computeIfPresent(instance, (key, times) -> new Times(times.last(), null, null, times.idleTimeout()));
    }

    /** What is to be written now; it counts as written. */
    synchronized Map<Key, Instant> due(Instant now) {
        Map<Key, Instant> due = new HashMap<>();
        all.replaceAll((instance, times) -> {
            if (!times.isNews() || !times.isDue(now)) {
                return times;
            }
            due.put(instance, times.last());
            return new Times(times.last(), times.last(), now, times.idleTimeout());
        });
        // one that was silent for so long begins anew with its next call
        all.values()
                .removeIf(times -> !times.isNews()
                        && Objects.requireNonNull(times.writtenAt())
                                .plus(MOST_OFTEN)
                                .isBefore(now));
        return due;
    }
}
