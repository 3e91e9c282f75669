// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Gives a migration up whose pod has been frozen for too long, whatever the network and the hub do. From when it is made. */
final class FreezeLimit implements AutoCloseable {
    private final CompletableFuture<Void> alarm;

    FreezeLimit(Duration limit, Consumer<StepFailed> abort) {
        alarm = CompletableFuture.runAsync(
                () -> abort.accept(new StepFailed(
                        "FreezeLimit",
                        "the pod was frozen for " + limit.toMillis()
                                + " ms without a handover, as long as carovana.agent.freeze-limit allows")),
                CompletableFuture.delayedExecutor(limit.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }
}
