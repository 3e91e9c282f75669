// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says that there should be an instance, once a second while calls wait for one. Guarded by the gate. */
final class Asking {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Surroundings around;
    private boolean asked;
    private long next;
    private Timers.@Nullable Alarm alarm;

    Asking(Surroundings around) {
        this.around = around;
    }

    /** @param again is run when it is time to see whether anybody still waits */
    void ask(GateKey key, Runnable again) {
        long now = around.timers().nanos();
        if (!asked || now - next >= 0) {
            asked = true;
            next = now + PAUSE.toNanos();
            if (around.hub().isConnected()) {
                around.hub().want(key.namespace(), key.name(), key.user());
            }
        }
        if (alarm == null) {
            alarm = around.timers().after(Duration.ofNanos(next - now), again);
        }
    }

    void alarmed() {
        alarm = null;
    }
}
