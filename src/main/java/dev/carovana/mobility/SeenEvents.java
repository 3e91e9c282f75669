// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The events of the recent past. Instances remember their last event themselves; this catches senders that repeat an
 * older one. Thread-safe.
 */
@ApplicationScoped
class SeenEvents {
    private static final int KEPT = 10_000;

    private final Set<String> keys = Collections.synchronizedSet(Collections.newSetFromMap(new Bounded()));

    /** Whether nobody has claimed the event yet: who does has to act upon it, or to {@link #forget} it. */
    boolean claim(String key) {
        return keys.add(key);
    }

    /** Nothing was done: it may come again. */
    void forget(String key) {
        keys.remove(key);
    }

    private static final class Bounded extends LinkedHashMap<String, Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > KEPT;
        }
    }
}
