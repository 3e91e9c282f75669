// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.time.Instant;

/** The wall clock, in microseconds since the epoch: what reports carry. */
public final class Micros {
    private Micros() {}

    public static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }
}
