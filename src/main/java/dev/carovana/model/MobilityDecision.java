// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to do about a mobility event.
 *
 * @param acts what is done, instance by instance
 * @param refusals why the event, or an instance of its user, is left alone
 */
public record MobilityDecision(List<Act> acts, List<Reason> refusals) {

    /**
     * What matters of an instance of the event's user; the last three are from {@link MobilityAnnotations}.
     */
    public record KnownInstance(
            String namespace,
            String name,
            @Nullable String lastEvent,
            @Nullable String lastSequence,
            @Nullable Instant lastTime) {}

    /**
     * Something to do about an instance.
     *
     * @param site where it should be; null if that does not change
     */
    public record Act(KnownInstance instance, Action action, @Nullable String site) {
        /** What is done. */
        public enum Action {
            /** The instance should be at the site. */
            Moving,
            /** The event asks for nothing. */
            NothingToDo
        }
    }

    /** Decides about an event; the caller has looked up the instances of its user. */
    public static MobilityDecision decide(
            MobilityEvent event, Instant now, Collection<KnownInstance> instances, Collection<KnownSite> sites) {
        if (event.expiry() != null && !event.expiry().isAfter(now)) {
            return refused("Expired", "the event expired at " + event.expiry());
        }
        if (event.kind() == Kind.PREPARE || event.kind() == Kind.ABORT) {
            return refused("NotMoving", "the event is a " + event.kind() + ": instances follow users that do move");
        }
        String site = null;
        if (!(event.to() instanceof Target.Nowhere)) {
            List<KnownSite> targets = KnownSite.meantBy(event.to(), sites);
            Reason against = against(event.to(), targets);
            if (against != null) {
                return new MobilityDecision(List.of(), List.of(against));
            }
            site = targets.getFirst().name();
        } else if (event.kind() != Kind.DONE) {
            return refused("NoTarget", "the event does not say where the user goes");
        }
        if (instances.isEmpty()) {
            return refused("NoInstance", "the user has no instance");
        }
        return decide(event, site, instances);
    }

    private static @Nullable Reason against(Target to, List<KnownSite> targets) {
        if (targets.isEmpty()) {
            return new Reason("UnknownSite", "no site is or has " + words(to));
        }
        if (targets.size() > 1) {
            List<String> names = targets.stream().map(KnownSite::name).sorted().toList();
            return new Reason("AmbiguousZone", "several sites have " + words(to) + ": " + String.join(", ", names));
        }
        KnownSite target = targets.getFirst();
        return target.cordoned()
                ? new Reason("SiteCordoned", "site '" + target.name() + "' takes no instances: spec.cordoned is true")
                : null;
    }

    private static String words(Target to) {
        return switch (to) {
            case Target.Site(String name) -> "cluster '" + name + "'";
            case Target.Zone(List<String> ids) -> "zone '" + String.join("' or '", ids) + "'";
            case Target.Endpoint(List<String> hosts) -> "endpoint '" + String.join("' or '", hosts) + "'";
            case Target.Nowhere() -> "no place";
        };
    }

    private static MobilityDecision decide(
            MobilityEvent event, @Nullable String site, Collection<KnownInstance> instances) {
        List<Act> acts = new ArrayList<>();
        List<Reason> refusals = new ArrayList<>();
        for (KnownInstance instance : instances) {
            Reason old = old(event.origin(), instance);
            if (old == null) {
                acts.add(new Act(instance, site == null ? Act.Action.NothingToDo : Act.Action.Moving, site));
            } else {
                refusals.add(old);
            }
        }
        return new MobilityDecision(List.copyOf(acts), List.copyOf(refusals));
    }

    /** Why this instance has nothing to learn from the event; null if it has. */
    private static @Nullable Reason old(Origin origin, KnownInstance instance) {
        String last = instance.lastEvent();
        if (last == null) {
            return null;
        }
        if (last.equals(origin.key())) {
            return duplicate(origin);
        }
        // the numbers and clocks of two sources have nothing to do with each other
        if (!last.startsWith(origin.source() + " ")) {
            return null;
        }
        if (origin.sequence() != null && instance.lastSequence() != null) {
            return compare(origin.sequence(), instance.lastSequence()) > 0
                    ? null
                    : new Reason(
                            "StaleSequence",
                            "sequence " + origin.sequence() + " is not after " + instance.lastSequence()
                                    + ", the last of instance '" + instance.name() + "'");
        }
        // the same time is not older: many clocks count seconds only
        return origin.time() == null
                        || instance.lastTime() == null
                        || !origin.time().isBefore(instance.lastTime())
                ? null
                : new Reason(
                        "StaleTime",
                        "time " + origin.time() + " is before " + instance.lastTime() + ", the last of instance '"
                                + instance.name() + "'");
    }

    /** The event has been acted upon before. */
    public static Reason duplicate(Origin origin) {
        return new Reason(
                "Duplicate", "event '" + origin.id() + "' of source '" + origin.source() + "' was here before");
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
