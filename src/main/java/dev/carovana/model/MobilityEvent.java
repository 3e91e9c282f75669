// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A user has moved: the one form that every kind of mobility event is turned into.
 *
 * @param source who says so; unique together with {@code id}
 * @param id the event's id
 * @param sequence grows from event to event of a source; null if it does not count
 * @param expiry from when on the event means nothing; null for never
 * @param user the user's id
 * @param toCluster name of the site; null if {@code toZone} says where
 * @param toZone id of a cell, zone or DNAI that belongs to a site
 * @param phase where the user's move stands; null is the same as in-progress
 */
public record MobilityEvent(
        String source,
        String id,
        @Nullable String sequence,
        @Nullable Instant expiry,
        String user,
        @Nullable String toCluster,
        @Nullable String toZone,
        @Nullable Phase phase) {

    /** Where the user's move stands, as the network sees it. */
    public enum Phase {
        PREDICTED,
        IN_PROGRESS,
        COMPLETED,
        CANCELLED
    }

    /** Source and id in one: a URI reference has no space. */
    public String key() {
        return source + " " + id;
    }
}
