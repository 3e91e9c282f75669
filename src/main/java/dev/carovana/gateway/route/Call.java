// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.InstanceRoute;
import java.util.concurrent.Executor;

/** A call as its gate sees it. What the gate says it says on {@link #executor}, or while the call enters. */
public interface Call {
    /** The call's own thread. */
    Executor executor();

    /** Now, and only while this route is the pass's. */
    void go(InstanceRoute route);

    /** It is over: the gate has forgotten the call. */
    void refused(Refusal why);

    /** The instance is about to move, and this call is a stream that would keep it from doing so. */
    void endStream();

    /** The pod that the call went to is not the instance any more. */
    void outdated();
}
