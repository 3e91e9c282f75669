// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.InstanceRoute;
import org.jspecify.annotations.Nullable;

/** What becomes of a call at a gate now. */
sealed interface Verdict {
    record Go(InstanceRoute route) implements Verdict {}

    record Refuse(Refusal why) implements Verdict {}

    enum Wait implements Verdict {
        /** The user has no instance. */
        NO_ROUTE,
        /** There is one, but no pod yet. */
        STARTING,
        /** Another gateway knows a later pod than this one. */
        BEHIND,
        /** What the route says was tried just now, and it was not so. */
        BACKOFF,
        /** The instance moves. */
        HELD,
        /** Others came before. */
        QUEUED
    }

    /** How far a hold has come. */
    enum Drain {
        NONE,
        /** New calls pass, in the hope of an instant without any. */
        OPEN,
        SHUT
    }

    /**
     * @param pass who asks
     * @param route what is known of the user's instance
     * @param drain of the route's hold
     * @param here this gateway's site
     */
    static Verdict of(Pass pass, @Nullable InstanceRoute route, Drain drain, String here) {
        if (route == null) {
            return pass.isOfPeer() ? Wait.BEHIND : Wait.NO_ROUTE;
        }
        if (pass.isOfPeer()) {
            Verdict fenced = fence(pass, route, here);
            if (fenced != null) {
                return fenced;
            }
        }
        if (route.getHost().isEmpty()) {
            return Wait.STARTING;
        }
        if (route.equals(pass.avoided)) {
            return Wait.BACKOFF;
        }
        if (drain == Drain.NONE || (drain == Drain.OPEN && !pass.stream)) {
            return new Go(route);
        }
        // a call that waited here would be under way at the gateway it came from, which then never drained
        return pass.isOfPeer()
                ? new Refuse(Refusal.stale("the instance moves: hold the call where it came from", route.getEpoch()))
                : Wait.HELD;
    }

    private static @Nullable Verdict fence(Pass pass, InstanceRoute route, String here) {
        if (!route.getInstance().equals(pass.peerInstance)) {
            return new Refuse(Refusal.stale("another instance serves this user", 0));
        }
        if (route.getEpoch() < pass.peerEpoch) {
            return Wait.BEHIND;
        }
        if (route.getEpoch() > pass.peerEpoch || !route.getSite().equals(here)) {
            return new Refuse(Refusal.stale("the instance is at " + route.getSite(), route.getEpoch()));
        }
        return null;
    }
}
