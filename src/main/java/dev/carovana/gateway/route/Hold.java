// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.gateway.route.Verdict.Drain;
import dev.carovana.link.v1.InstanceRoute;
import org.jspecify.annotations.Nullable;

/** How far the hold of one instance has come. Guarded by its gate. */
final class Hold {
    private final Surroundings around;
    private String id = "";
    private Drain drain = Drain.NONE;
    private boolean drained;
    private Timers.@Nullable Alarm patience;

    Hold(Surroundings around) {
        this.around = around;
    }

    Drain drain() {
        return drain;
    }

    /** True if a hold begins. Said again, a hold that is drained is reported again: the controller may have lost it. */
    boolean told(InstanceRoute route, boolean idle, Runnable patienceOver) {
        if (route.getHold().equals(id)) {
            if (drained) {
                report(route);
            }
            return false;
        }
        end();
        id = route.getHold();
        if (id.isEmpty()) {
            return false;
        }
        drain = Drain.OPEN;
        if (idle) {
            idle(route);
        } else {
            patience = around.timers().after(around.limits().drainPatience(), patienceOver);
        }
        return true;
    }

    /** No call is under way. */
    void idle(InstanceRoute route) {
        if (drain != Drain.NONE && !drained) {
            drain = Drain.SHUT;
            drained = true;
            report(route);
        }
    }

    void patienceOver() {
        if (drain == Drain.OPEN) {
            drain = Drain.SHUT;
        }
    }

    void end() {
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
        id = "";
        drain = Drain.NONE;
        drained = false;
    }

    private void report(InstanceRoute route) {
        around.hub().drained(route.getNamespace(), route.getInstance(), id);
    }
}
