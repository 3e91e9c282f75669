// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to do about a mobility event.
 *
 * @param moves the instances to move
 * @param refusals why the event, or an instance of its user, is left alone
 */
public record MobilityDecision(List<Move> moves, List<Reason> refusals) {

    /** What matters of an instance of the event's user; the two last are from {@link MobilityAnnotations}. */
    public record KnownInstance(
            String namespace, String name, @Nullable String lastEvent, @Nullable String lastSequence) {}

    /** What matters of a site. */
    public record KnownSite(String name, Collection<String> zones, boolean cordoned) {}

    /** An instance should be at a site. */
    public record Move(KnownInstance instance, String site) {}

    /** Decides about an event; the caller has looked up the instances of its user. */
    public static MobilityDecision decide(
            MobilityEvent event, Instant now, Collection<KnownInstance> instances, Collection<KnownSite> sites) {
        if (event.expiry() != null && !event.expiry().isAfter(now)) {
            return refused("Expired", "the event expired at " + event.expiry());
        }
        if (event.phase() == MobilityEvent.Phase.PREDICTED || event.phase() == MobilityEvent.Phase.CANCELLED) {
            return refused("NotMoving", "data.phase is " + event.phase() + ": instances follow users that do move");
        }
        List<KnownSite> targets =
                sites.stream().filter(site -> isTarget(site, event)).toList();
        String to = event.toCluster() != null ? "cluster '" + event.toCluster() : "zone '" + event.toZone();
        if (targets.isEmpty()) {
            return refused("UnknownSite", "no site is or has the " + to + "'");
        }
        if (targets.size() > 1) {
            List<String> names = targets.stream().map(KnownSite::name).sorted().toList();
            return refused("AmbiguousZone", "several sites have the " + to + "': " + String.join(", ", names));
        }
        KnownSite target = targets.getFirst();
        if (target.cordoned()) {
            return refused("SiteCordoned", "site '" + target.name() + "' takes no instances: spec.cordoned is true");
        }
        if (instances.isEmpty()) {
            return refused("NoInstance", "the user has no instance");
        }
        return decide(event, target.name(), instances);
    }

    private static MobilityDecision decide(MobilityEvent event, String site, Collection<KnownInstance> instances) {
        List<Move> moves = new ArrayList<>();
        List<Reason> refusals = new ArrayList<>();
        for (KnownInstance instance : instances) {
            Reason old = old(event, instance);
            if (old == null) {
                moves.add(new Move(instance, site));
            } else {
                refusals.add(old);
            }
        }
        return new MobilityDecision(List.copyOf(moves), List.copyOf(refusals));
    }

    /** Why this instance has nothing to learn from the event; null if it has. */
    private static @Nullable Reason old(MobilityEvent event, KnownInstance instance) {
        String last = instance.lastEvent();
        if (last == null) {
            return null;
        }
        if (last.equals(event.key())) {
            return duplicate(event);
        }
        // the numbers of two sources have nothing to do with each other
        boolean sameSource = last.startsWith(event.source() + " ");
        if (sameSource
                && event.sequence() != null
                && instance.lastSequence() != null
                && compare(event.sequence(), instance.lastSequence()) <= 0) {
            return new Reason(
                    "StaleSequence",
                    "sequence " + event.sequence() + " is not after " + instance.lastSequence()
                            + ", the last of instance '" + instance.name() + "'");
        }
        return null;
    }

    /** The event has been acted upon before. */
    public static Reason duplicate(MobilityEvent event) {
        return new Reason("Duplicate", "event '" + event.id() + "' of source '" + event.source() + "' was here before");
    }

    private static boolean isTarget(KnownSite site, MobilityEvent event) {
        return event.toCluster() != null
                ? site.name().equals(event.toCluster())
                : site.zones().contains(Objects.requireNonNull(event.toZone()));
    }

    /** Numbers by value, because not every sender pads them; all else as the CloudEvents extension says: as text. */
    private static int compare(String one, String other) {
        if (isNumber(one) && isNumber(other)) {
            return new BigInteger(one).compareTo(new BigInteger(other));
        }
        return one.compareTo(other);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static MobilityDecision refused(String code, String message) {
        return new MobilityDecision(List.of(), List.of(new Reason(code, message)));
    }
}
