// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an instance remembers of its user's moves beside {@code spec.site}. It is kept in annotations of the instance, so
 * that a restart forgets nothing.
 *
 * @param moved the last move that an event has asked for
 * @param held a move back that waits
 * @param prepared a move that was announced
 */
public record Remembered(@Nullable Moved moved, @Nullable Held held, @Nullable Prepared prepared) {
    private static final String PREFIX = "carovana.dev/";
    private static final String MOVED_FROM = PREFIX + "moved-from";
    private static final String MOVED_TO = PREFIX + "moved-to";
    private static final String MOVED_AT = PREFIX + "moved-at";
    private static final String HELD_SITE = PREFIX + "held-site";
    private static final String HELD_FROM = PREFIX + "held-from";
    private static final String HELD_UNTIL = PREFIX + "held-until";
    private static final String PREPARED_SITE = PREFIX + "prepared-site";
    private static final String PREPARED_EVENT = PREFIX + "prepared-event";
    private static final String PREPARED_FOR = PREFIX + "prepared-for";

    /**
     * @param from the site where the instance should have been before
     * @param to the site where it should be since
     * @param at when an event last said so
     */
    public record Moved(String from, String to, Instant at) {}

    /**
     * A move that is made when the time has come, unless something newer is said before.
     *
     * @param site where to
     * @param from where the instance should be until then; if it should be elsewhere, somebody has said something newer
     * @param until when
     */
    public record Held(String site, String from, Instant until) {}

    /**
     * @param site where the user is expected
     * @param event source and id of the event that says so
     * @param expectedAt when; null if it does not say
     */
    public record Prepared(String site, String event, @Nullable Instant expectedAt) {}

    /** What becomes of a held move. */
    public sealed interface Next {
        /** Nothing is held. */
        record Nothing() implements Next {}

        /** It is not yet time. */
        record Wait(Duration left) implements Next {}

        /** Now: the instance should be at the site. */
        record Move(String site, Remembered after) implements Next {}

        /** Something newer was said. */
        record Drop(Remembered after) implements Next {}
    }

    /** @param wanted {@code spec.site} as it is now */
    public Next next(String wanted, Instant now) {
        if (held == null) {
            return new Next.Nothing();
        }
        if (!held.from().equals(wanted)) {
            return new Next.Drop(new Remembered(moved, null, prepared));
        }
        return now.isBefore(held.until())
                ? new Next.Wait(Duration.between(now, held.until()))
                : new Next.Move(held.site(), moved(wanted, held.site(), now));
    }

    /** An event moves the instance, or says that it is wanted where it is wanted already. */
    Remembered moved(String from, String to, Instant now) {
        String before = from.equals(to) && moved != null && moved.to().equals(to) ? moved.from() : from;
        return new Remembered(new Moved(before, to, now), null, null);
    }

    /**
     * With what is known beside it: an event has said again that the instance is wanted where the last move took it.
     *
     * @param at when; null if none has
     */
    public Remembered seen(@Nullable Instant at) {
        return moved == null || at == null || !at.isAfter(moved.at())
                ? this
                : new Remembered(new Moved(moved.from(), moved.to(), at), held, prepared);
    }

    /** Reads annotations; what somebody has spoiled by hand is not remembered. */
    public static Remembered read(Map<String, String> annotations) {
        String movedFrom = annotations.get(MOVED_FROM);
        String movedTo = annotations.get(MOVED_TO);
        Instant movedAt = time(annotations.get(MOVED_AT));
        String held = annotations.get(HELD_SITE);
        String from = annotations.get(HELD_FROM);
        Instant until = time(annotations.get(HELD_UNTIL));
        String prepared = annotations.get(PREPARED_SITE);
        return new Remembered(
                movedFrom == null || movedTo == null || movedAt == null ? null : new Moved(movedFrom, movedTo, movedAt),
                held == null || from == null || until == null ? null : new Held(held, from, until),
                prepared == null
                        ? null
                        : new Prepared(
                                prepared,
                                Objects.requireNonNullElse(annotations.get(PREPARED_EVENT), ""),
                                time(annotations.get(PREPARED_FOR))));
    }

    /** As annotations; null for those that have to go. */
    public Map<String, @Nullable String> annotations() {
        Map<String, @Nullable String> annotations = new HashMap<>();
        annotations.put(MOVED_FROM, moved == null ? null : moved.from());
        annotations.put(MOVED_TO, moved == null ? null : moved.to());
        annotations.put(MOVED_AT, moved == null ? null : moved.at().toString());
        annotations.put(HELD_SITE, held == null ? null : held.site());
        annotations.put(HELD_FROM, held == null ? null : held.from());
        annotations.put(HELD_UNTIL, held == null ? null : held.until().toString());
        annotations.put(PREPARED_SITE, prepared == null ? null : prepared.site());
        annotations.put(PREPARED_EVENT, prepared == null ? null : prepared.event());
        annotations.put(
                PREPARED_FOR,
                prepared == null || prepared.expectedAt() == null
                        ? null
                        : prepared.expectedAt().toString());
        return annotations;
    }

    /** An annotation's time; null if there is none. */
    public static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
