// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peers;
import dev.carovana.link.v1.Unwanted;

/** What the controller says, one call after another. Facts are whole each time. */
public interface RouteListener {
    /** Everything is told anew: what is known counts until {@link #synced}. */
    void syncing();

    void function(FunctionRoute function);

    void functionGone(String namespace, String name);

    void instance(InstanceRoute route);

    void instanceGone(String namespace, String instance);

    void peers(Peers peers);

    /** What was not told since {@link #syncing} does not exist any more. */
    void synced();

    /** A user gets no instance. */
    void unwanted(Unwanted answer);
}
