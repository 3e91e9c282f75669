// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.link;

import dev.carovana.agent.journal.MigrationRecord;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Tells the hub. What cannot be told now is told again when the link is back, from the journal. */
public interface Reports {
    /** After so long a step of the freeze is told, though telling it prolongs the freeze. */
    long LASTING_MILLIS = 1000;

    void send(MigrationRecord record);

    /** Tells of a step within the freeze, unless the next one comes at once: the hub's work would only prolong it. */
    default void sendIfItLasts(Supplier<? extends MigrationRecord> current) {
        MigrationRecord now = current.get();
        CompletableFuture.delayedExecutor(LASTING_MILLIS, TimeUnit.MILLISECONDS).execute(() -> {
            if (current.get().equals(now)) {
                send(now);
            }
        });
    }
}
