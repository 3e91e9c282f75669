// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** What is remembered about a user's last move, as annotations on the user's instances: a restart forgets nothing. */
public final class MobilityAnnotations {
    /** Source and id of the last event that was acted upon, with a space between. */
    public static final String LAST_EVENT = "carovana.dev/last-event";

    /** Its sequence, if it had one. */
    public static final String LAST_SEQUENCE = "carovana.dev/last-sequence";

    /** When its source said it, RFC 3339, if it has a clock. */
    public static final String LAST_TIME = "carovana.dev/last-event-time";

    /** Why {@code spec.site} was written last: a reason of a Migration. */
    public static final String REASON = "carovana.dev/move-reason";

    private MobilityAnnotations() {}
}
