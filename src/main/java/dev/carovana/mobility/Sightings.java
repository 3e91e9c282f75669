// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.controller.ControllerConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When events last said of instances that their users are where they are. It is not written down: it only makes a move
 * back wait, and for no longer than the hysteresis. Thread-safe.
 */
@ApplicationScoped
class Sightings {
    private final Duration kept;
    private final Map<String, Instant> byAge = new LinkedHashMap<>();

    @Inject
    Sightings(ControllerConfig config) {
        this(config.mobility().hysteresis());
    }

    /** @param kept how long one matters */
    Sightings(Duration kept) {
        this.kept = kept;
    }

    /** @param instance by {@link Candidates#key} */
    synchronized void add(String instance, Instant at) {
        Iterator<Instant> oldest = byAge.values().iterator();
        while (oldest.hasNext() && !oldest.next().plus(kept).isAfter(at)) {
            oldest.remove();
        }
        byAge.remove(instance);
        byAge.put(instance, at);
    }

    /** Null if it is too long ago to matter, or never was. */
    synchronized @Nullable Instant last(String instance) {
        return byAge.get(instance);
    }
}
