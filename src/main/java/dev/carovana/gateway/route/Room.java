// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Where calls wait: bounded for all users together. */
public final class Room {
    private final int calls;
    private final long bytes;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong declared = new AtomicLong();

    /**
     * @param calls most that wait
     * @param bytes most that their bodies have together, as far as they say so
     */
    public Room(int calls, long bytes) {
        this.calls = calls;
        this.bytes = bytes;
    }

    boolean enter(long body) {
        int count = waiting.incrementAndGet();
        long sum = declared.addAndGet(body);
        if (count <= calls && sum <= bytes) {
            return true;
        }
        leave(body);
        return false;
    }

    void leave(long body) {
        waiting.decrementAndGet();
        declared.addAndGet(-body);
    }

    public int waiting() {
        return waiting.get();
    }
}
