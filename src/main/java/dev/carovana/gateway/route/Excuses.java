// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.gateway.route.Verdict.Wait;
import dev.carovana.link.v1.Unwanted;
import java.util.Set;

/** What callers are told who have waited in vain. */
final class Excuses {
    private static final Set<String> LIMITS = Set.of("FunctionLimit", "UserLimit");

    private Excuses() {}

    /** @param excuse what the controller said meanwhile, or empty */
    static Refusal of(Verdict waitedFor, String excuse) {
        String why = excuse.isEmpty() ? "" : ": " + excuse;
        return switch (waitedFor) {
            case Wait.NO_ROUTE, Wait.STARTING ->
                Refusal.later("the instance did not start in time" + why, "NotStarted");
            case Wait.BEHIND -> Refusal.later("this gateway was not told in time where the instance is", "NoRoute");
            case Wait.BACKOFF -> Refusal.of(502, "the instance could not be reached", "Unreachable");
            default -> Refusal.later("the instance moves and this took too long", "HoldTimeout");
        };
    }

    static Refusal of(Unwanted answer) {
        boolean limit = LIMITS.contains(answer.getCode());
        return new Refusal(limit ? 429 : 503, answer.getMessage(), answer.getCode(), limit ? 10 : 5, null);
    }
}
