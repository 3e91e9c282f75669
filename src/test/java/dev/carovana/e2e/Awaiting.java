// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what has no watch: a state inside a node. */
final class Awaiting {
    private Awaiting() {}

    static void until(String what, Callable<Boolean> condition) {
        await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(condition);
    }

    /** Until it has been so for as long as kubelet may take to see that it was not: three probes, two seconds apart. */
    static void untilItStays(String what, Callable<Boolean> condition) {
        await(what)
                .during(Duration.ofSeconds(7))
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(condition);
    }
}
