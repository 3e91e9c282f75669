// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.time.Duration;

/** The clock and the alarms of the gates, so that a test can turn them. */
public interface Timers {
    /** Of a clock that never jumps. */
    long nanos();

    /** Runs a short task once, on any thread. */
    Alarm after(Duration delay, Runnable task);

    /** A task that was ordered. */
    interface Alarm {
        /** Does nothing if it has run. */
        void cancel();
    }
}
