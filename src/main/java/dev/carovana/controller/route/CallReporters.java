// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.link.Gateways.Id;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Which gateways have told of their calls, and which could not. Pure, but for what it keeps. Thread-safe. */
final class CallReporters {
    /** One that has been away for longer is not expected back. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private final Map<Id, Instant> reported = new HashMap<>();
    /** Since when they have not been heard. */
    private final Map<Id, Instant> away = new HashMap<>();

    /** What it has counted while it was away is told with its first report. */
    synchronized void reported(Id gateway, Instant now) {
        reported.put(gateway, now);
        away.remove(gateway);
    }

    synchronized void gone(Id gateway, Instant now) {
        reported.remove(gateway);
        away.values().removeIf(since -> since.plus(REMEMBERED).isBefore(now));
        away.put(gateway, now);
    }

    /** Since when all gateways of a site that were ever heard have been heard; the given time if none is away. */
    synchronized Instant heardSince(String site, Instant begin) {
        return away.entrySet().stream()
                .filter(entry -> entry.getKey().site().equals(site))
                .map(Map.Entry::getValue)
                .reduce(begin, (one, other) -> one.isAfter(other) ? one : other);
    }

    synchronized boolean hasReported(Id gateway, Instant since) {
        return Objects.requireNonNullElse(reported.get(gateway), Instant.MIN).isAfter(since);
    }
}
