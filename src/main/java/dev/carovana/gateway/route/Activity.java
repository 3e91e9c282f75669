// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.Held;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the controller is told of an instance's calls. Guarded by the gate. */
final class Activity {
    private final Map<String, Integer> held = new LinkedHashMap<>();
    /** Of {@link Timers#nanos}. */
    private @Nullable Long lastCall;

    void called(long nanos) {
        lastCall = nanos;
    }

    void held(String hold) {
        held.merge(hold, 1, Integer::sum);
    }

    /** Since it was asked last; null if there is nothing. */
    @Nullable
    InstanceCalls drain(InstanceRoute route, long nanos) {
        if (lastCall == null && held.isEmpty()) {
            return null;
        }
        InstanceCalls.Builder calls =
                InstanceCalls.newBuilder().setNamespace(route.getNamespace()).setInstance(route.getInstance());
        if (lastCall != null) {
            calls.setLastCallAgeMillis(Duration.ofNanos(nanos - lastCall).toMillis());
        }
        held.forEach(
                (hold, count) -> calls.addHeld(Held.newBuilder().setHold(hold).setCalls(count)));
        lastCall = null;
        held.clear();
        return calls.build();
    }
}
