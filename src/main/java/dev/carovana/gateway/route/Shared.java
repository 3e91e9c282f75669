// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.util.Map;
import java.util.function.Supplier;

/** What the gates of one table share. */
record Shared(Limits limits, Room room, Timers timers, Supplier<Hub> source, Map<GateKey, Gate> gates)
        implements Surroundings {
    @Override
    public Hub hub() {
        return source.get();
    }

    @Override
    public void gone(GateKey key, Gate gate) {
        gates.remove(key, gate);
    }
}
