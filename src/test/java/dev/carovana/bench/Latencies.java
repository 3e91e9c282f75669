// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Durations of the same thing, in nanoseconds. Thread-safe. */
final class Latencies {
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();

    void add(long duration) {
        nanos.add(duration);
    }

    int count() {
        return nanos.size();
    }

    /** In milliseconds: the smallest that at least {@code percent} of all are not above. */
    double millis(double percent) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        return sorted[rank(percent, sorted.length)] / 1e6;
    }

    private static int rank(double percent, int count) {
        return Math.max(0, (int) Math.ceil(percent / 100 * count) - 1);
    }

    @Override
    public String toString() {
        double[] shown =
                nanos.isEmpty() ? new double[0] : new double[] {millis(50), millis(95), millis(99), millis(100)};
        return count() + " times, p50 p95 p99 max in ms: " + Arrays.toString(shown);
    }
}
