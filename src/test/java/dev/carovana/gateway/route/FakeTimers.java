// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that goes when the test says so. */
final class FakeTimers implements Timers {
    private record Entry(long at, long order, Runnable task) {}

    private final PriorityQueue<Entry> alarms =
            new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
    private long now = 1_000_000_000L;
    private long order;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
        Entry entry = new Entry(now + delay.toNanos(), order++, task);
        alarms.add(entry);
        return () -> alarms.remove(entry);
    }

    int pending() {
        return alarms.size();
    }

    void pass(Duration time) {
        long until = now + time.toNanos();
        while (!alarms.isEmpty() && alarms.peek().at() <= until) {
            Entry next = alarms.remove();
            now = Math.max(now, next.at());
            next.task().run();
        }
        now = until;
    }
}
