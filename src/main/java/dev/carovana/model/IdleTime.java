// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long an instance may still be without calls. */
public final class IdleTime {
    /** On an instance: when it was last called, as in RFC 3339. Written by whoever passes calls on. */
    public static final String LAST_CALL = "carovana.dev/last-call";

    private IdleTime() {}

    /** Whether a call is later than the one that is written, or none that can be read is. */
    public static boolean isLater(Instant call, @Nullable String written) {
        return left(written, Duration.ZERO, call).map(Duration::isNegative).orElse(true);
    }

    /**
     * What is left of an instance's time, zero or less if it is over. Empty if nobody says when it was called: an instance
     * whose calls nobody counts is never idle.
     */
    public static Optional<Duration> left(@Nullable String lastCall, Duration timeout, Instant now) {
        if (lastCall == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Duration.between(now, Instant.parse(lastCall).plus(timeout)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
