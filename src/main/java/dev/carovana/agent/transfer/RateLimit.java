// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Spreads bytes over time. Its caller holds the connection's lock, so everybody waits in line. */
final class RateLimit {
    private final long bytesPerSecond;
    private long next = System.nanoTime();

    /** @param bytesPerSecond 0 for no limit */
    RateLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    void acquire(int bytes) {
        if (bytesPerSecond <= 0) {
            return;
        }
        long now = System.nanoTime();
        if (next > now) {
            LockSupport.parkNanos(next - now);
        }
        next = Math.max(next, now) + TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
    }
}
