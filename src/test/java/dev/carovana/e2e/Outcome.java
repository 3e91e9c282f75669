// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;
import java.util.Locale;

/**
 * What becomes of an instance of a program that is to move.
 *
 * @param reason as its migration or its condition has it; empty when it moves
 */
record Outcome(Kind kind, String reason) {
    enum Kind {
        /** To the other site and back. */
        MOVES,
        /** Before anything is touched. */
        REFUSED,
        /** Its source goes on, but it stood still for it. */
        FAILS,
        /** Its instance says why. */
        NOT_STARTED
    }

    /** As a program's header says it: the kind, and the reason if it has one. */
    @JsonCreator
    static Outcome of(String text) {
        for (Kind kind : Kind.values()) {
            String word = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            if (text.equals(word) || text.startsWith(word + " ")) {
                return new Outcome(kind, text.substring(word.length()).strip());
            }
        }
        throw new IllegalArgumentException("'" + text + "', expected one of " + Arrays.toString(Kind.values()));
    }
}
