// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Until when something is waited for. */
final class Deadline {
    private final long end;

    Deadline(Duration limit) {
        this.end = System.nanoTime() + limit.toNanos();
    }

    boolean isOver() {
        return System.nanoTime() - end >= 0;
    }

    /** Waits until the monitor, which the caller holds, is notified; false if the time is up. */
    boolean await(Object monitor) {
        long left = end - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        try {
            TimeUnit.NANOSECONDS.timedWait(monitor, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
