// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Begins with the machine's time, and goes on evenly, however that is set afterwards. */
final class SteadyClock implements InstantSource {
    private final LongSupplier nanos;
    private final Instant begin;
    private final long beginNanos;

    SteadyClock() {
        this(InstantSource.system(), System::nanoTime);
    }

    SteadyClock(InstantSource machine, LongSupplier nanos) {
        this.nanos = nanos;
        this.begin = machine.instant();
        this.beginNanos = nanos.getAsLong();
    }

    @Override
    public Instant instant() {
        return begin.plusNanos(nanos.getAsLong() - beginNanos);
    }
}
