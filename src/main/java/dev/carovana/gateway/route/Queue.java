// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The calls that wait at one gate, in the order in which they came. Guarded by the gate. */
final class Queue {
    private final TreeMap<Long, Pass> waiting = new TreeMap<>();
    private final Surroundings around;

    Queue(Surroundings around) {
        this.around = around;
    }

    int size() {
        return waiting.size();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether one waits that came before. */
    boolean isBefore(Pass pass) {
        return !waiting.isEmpty() && waiting.firstKey() < pass.order;
    }

    List<Pass> all() {
        return List.copyOf(waiting.values());
    }

    /**
     * False if there is no place.
     *
     * @param budget how long it may wait, together with what it has waited before
     * @param late is told when that is over
     */
    boolean add(Pass pass, Duration budget, Consumer<Pass> late) {
        if (waiting.size() >= around.limits().holdCalls() || !around.room().enter(pass.bytes)) {
            return false;
        }
        long now = around.timers().nanos();
        pass.waits(now);
        waiting.put(pass.order, pass);
        Duration left = budget.minusNanos(now - pass.firstWait);
        pass.timeout = around.timers().after(left.isNegative() ? Duration.ZERO : left, () -> late.accept(pass));
        return true;
    }

    void remove(Pass pass) {
        waiting.remove(pass.order);
        pass.waitEnds(around.timers().nanos());
        around.room().leave(pass.bytes);
    }
}
