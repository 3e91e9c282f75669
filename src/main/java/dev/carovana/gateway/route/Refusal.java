// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import org.jspecify.annotations.Nullable;

/**
 * Why a call does not go on.
 *
 * @param status HTTP's
 * @param detail for people
 * @param code one CamelCase word for programs
 * @param retryAfter seconds; 0 where trying again is of no use
 * @param stale the epoch that this gateway knows, for a gateway that called with another one
 */
public record Refusal(int status, String detail, String code, int retryAfter, @Nullable Long stale) {
    public static Refusal of(int status, String detail, String code) {
        return new Refusal(status, detail, code, 0, null);
    }

    public static Refusal later(String detail, String code) {
        return new Refusal(503, detail, code, 1, null);
    }

    /** For a gateway that sent a call which does not belong here now: not executed. */
    static Refusal stale(String detail, long epoch) {
        return new Refusal(421, detail, "StaleRoute", 0, epoch);
    }
}
