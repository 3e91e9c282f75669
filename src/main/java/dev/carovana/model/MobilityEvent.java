// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A user moves: the one form that every kind of mobility event is turned into.
 *
 * @param origin who says so
 * @param kind what is said
 * @param subjects whom it is about: ids of one user, of which any counts (see {@link UserAlias})
 * @param to where the user is going
 * @param expiry from when on the event means nothing; null for never
 * @param expectedAt when the user is expected there; null if nobody said
 */
public record MobilityEvent(
        Origin origin,
        Kind kind,
        Set<String> subjects,
        Target to,
        @Nullable Instant expiry,
        @Nullable Instant expectedAt) {

    /** What an event says. */
    public enum Kind {
        /** The user will probably be there soon. */
        PREPARE,
        /** The user goes there, or is there. */
        MOVE,
        /** What was announced does not happen. */
        ABORT,
        /** It is over. */
        DONE
    }

    /**
     * Where an event comes from.
     *
     * @param source who says so: a URI reference; unique together with {@code id}
     * @param id the event's id
     * @param sequence grows from event to event of a source; null if it does not count
     * @param time when the source said it; null if it has no clock
     */
    public record Origin(String source, String id, @Nullable String sequence, @Nullable Instant time) {
        /** Whether it can be told of two events of the source which one is newer. */
        boolean isOrdered() {
            return sequence != null || time != null;
        }

        /** Source and id in one: a URI reference has no space. */
        public String key() {
            return source + " " + id;
        }
    }

    /** Where to, in the words of the event's format. */
    public sealed interface Target {
        /** A site by its name. */
        record Site(String name) implements Target {}

        /** Ids of cells, zones or DNAIs, the most exact one first: the first that belongs to any site counts. */
        record Zone(List<String> ids) implements Target {}

        /** Hosts under which the site's gateway is reached: the first that any site knows counts. */
        record Endpoint(List<String> hosts) implements Target {}

        /** The event does not say. */
        record Nowhere() implements Target {}
    }
}
