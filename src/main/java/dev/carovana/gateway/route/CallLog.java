// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.InstanceCalls;
import jakarta.inject.Singleton;
import java.util.List;

/** What the controller is told of the calls. */
@Singleton
public final class CallLog {
    private final RouteTable routes;

    CallLog(RouteTable routes) {
        this.routes = routes;
    }

    /** Of each instance that was called, or whose calls have waited, since this was asked last. */
    public List<InstanceCalls> drain() {
        return routes.calls();
    }
}
