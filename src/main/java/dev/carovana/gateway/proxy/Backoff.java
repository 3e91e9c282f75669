// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import java.time.Duration;

/** How long to wait before a call is tried again: 50, 100, 200 and then 250 ms, unless another route comes first. */
final class Backoff {
    private static final int FIRST_MILLIS = 50;
    private static final int MOST_MILLIS = 250;

    private int pauses;

    Duration next() {
        return Duration.ofMillis(Math.min(MOST_MILLIS, FIRST_MILLIS << Math.min(pauses++, 3)));
    }
}
