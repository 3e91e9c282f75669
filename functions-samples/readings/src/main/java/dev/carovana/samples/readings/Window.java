// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

import java.util.Arrays;

/** The latest values of one sensor; older ones are forgotten. Not thread-safe. */
final class Window {
    private final long[] values;
    private long added;

    Window(int size) {
        values = new long[size];
    }

    /**
     * What a window has.
     *
     * @param count number of values
     * @param latest the value that was added last
     */
    record Statistics(int count, long latest, long min, long max, double mean) {}

    void add(long value) {
        values[place(added)] = value;
        added++;
    }

    /** Of a window with at least one value. */
    Statistics statistics() {
        int count = (int) Math.min(added, values.length);
        var summary = Arrays.stream(values, 0, count).summaryStatistics();
        return new Statistics(
                count, values[place(added - 1)], summary.getMin(), summary.getMax(), summary.getAverage());
    }

    private int place(long number) {
        return (int) (number % values.length);
    }
}
