// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.link.v1.InstanceRoute;

/**
 * What was last said of an instance. Watches, agents and reconcilers tell of the same things at different times: what is
 * said only goes forward. Pure.
 *
 * @param uid of the instance
 * @param released uid of the last migration whose hold was taken away, empty if there was none
 */
record Published(String uid, InstanceRoute route, String released) {

    static Published first(String uid, InstanceRoute route) {
        return new Published(uid, route, "");
    }

    /** What is said after {@code candidate} was computed: the same object if it is nothing new, or comes too late. */
    Published then(InstanceRoute candidate) {
        boolean old = candidate.getEpoch() < route.getEpoch()
                || !candidate.getHold().isEmpty() && candidate.getHold().equals(released);
        if (old || candidate.equals(route)) {
            return this;
        }
        boolean ends = !route.getHold().isEmpty() && !route.getHold().equals(candidate.getHold());
        return new Published(uid, candidate, ends ? route.getHold() : released);
    }
}
