// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to do about a mobility event.
 *
 * @param acts what is done, instance by instance
 * @param refusals why the event, or an instance of its user, is left alone
 */
public record MobilityDecision(List<Act> acts, List<Reason> refusals) {

    /**
     * What matters of an instance of the event's user.
     *
     * @param wanted the site where it should be
     * @param at the site where it is; null if it has not started
     * @param followsUser whether an event said last where it should be
     * @param migration its active migration; null if there is none
     * @param last the last event that it has learned from; null if there was none
     * @param remembered what else it remembers
     * @param allowed the sites of its namespace
     */
    public record KnownInstance(
            String namespace,
            String name,
            String wanted,
            @Nullable String at,
            boolean followsUser,
            @Nullable KnownMigration migration,
            @Nullable LastEvent last,
            Remembered remembered,
            AllowedSites allowed) {}

    /**
     * What matters of an active migration.
     *
     * @param abortable false from the handover on
     */
    public record KnownMigration(String name, String to, boolean abortable) {}

    /**
     * Something to do about an instance.
     *
     * @param site where it should be from now on, or, if it is held back, later; null if that does not change
     * @param remember what it has to remember from now on
     */
    public record Act(KnownInstance instance, Action action, @Nullable String site, Remembered remember) {
        /** What is done. */
        public enum Action {
            /** The instance should be at the site. */
            Moving,
            /** It should be back at the site that it has just left, a little later. */
            HeldBack,
            /** The user is expected at the site. */
            Prepared,
            /** What was wished, held back or announced is not going to happen. */
            Aborted,
            /** The event asks for nothing, or for what is so already. */
            NothingToDo
        }
    }

    /**
     * Decides about an event.
     *
     * @param hysteresis how long an instance does not follow its user back to the site that it has just left
     * @param instances those of the event's user
     */
    public static MobilityDecision decide(
            MobilityEvent event,
            Instant now,
            Duration hysteresis,
            Collection<KnownInstance> instances,
            Collection<KnownSite> sites) {
        if (event.expiry() != null && !event.expiry().isAfter(now)) {
            return refused("Expired", "the event expired at " + event.expiry());
        }
        boolean nowhere = event.to() instanceof Target.Nowhere;
        if (nowhere && (event.kind() == Kind.MOVE || event.kind() == Kind.PREPARE)) {
            return refused("NoTarget", "the event does not say where the user goes");
        }
        String site = null;
        if (!nowhere) {
            List<KnownSite> targets = KnownSite.meantBy(event.to(), sites);
            Reason against = against(event, targets);
            if (against != null) {
                return new MobilityDecision(List.of(), List.of(against));
            }
            site = targets.getFirst().name();
        }
        if (instances.isEmpty()) {
            return refused("NoInstance", "the user has no instance");
        }
        List<Act> acts = new ArrayList<>();
        List<Reason> refusals = new ArrayList<>();
        for (KnownInstance instance : instances) {
            Reason against = against(event, site, instance);
            if (against == null) {
                acts.add(act(event, site, instance, now, hysteresis));
            } else {
                refusals.add(against);
            }
        }
        return new MobilityDecision(List.copyOf(acts), List.copyOf(refusals));
    }

    private static @Nullable Reason against(MobilityEvent event, List<KnownSite> targets) {
        String to = words(event.to());
        if (targets.isEmpty()) {
            return new Reason("UnknownSite", "no site is or has " + to);
        }
        if (targets.size() > 1) {
            List<String> names = targets.stream().map(KnownSite::name).sorted().toList();
            return new Reason("AmbiguousZone", "several sites have " + to + ": " + String.join(", ", names));
        }
        KnownSite target = targets.getFirst();
        return target.cordoned() && event.kind() != Kind.ABORT
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

    private static @Nullable Reason against(MobilityEvent event, @Nullable String site, KnownInstance instance) {
        Reason old = instance.last() == null ? null : instance.last().against(event.origin(), instance.name());
        if (old != null) {
            return old;
        }
        if (event.kind() != Kind.ABORT) {
            return site == null || site.equals(instance.wanted())
                    ? null
                    : instance.allowed().against(site).orElse(null);
        }
        KnownMigration migration = instance.migration();
        return migration != null && !migration.abortable() && isMove(instance, site)
                ? new Reason(
                        "HandedOver",
                        "migration '" + migration.name() + "' to site '" + migration.to()
                                + "' is past its handover: it runs to its end")
                : null;
    }

    private static Act act(
            MobilityEvent event, @Nullable String site, KnownInstance instance, Instant now, Duration hysteresis) {
        return switch (event.kind()) {
            case PREPARE -> prepare(event, Objects.requireNonNull(site), instance);
            case ABORT -> abort(site, instance);
            case MOVE, DONE ->
                site == null
                        ? new Act(instance, Act.Action.NothingToDo, null, instance.remembered())
                        : move(event, site, instance, now, hysteresis);
        };
    }

    private static Act move(
            MobilityEvent event, String site, KnownInstance instance, Instant now, Duration hysteresis) {
        Remembered before = instance.remembered();
        if (isKnown(event, site, instance)) {
            return new Act(instance, Act.Action.NothingToDo, site, before.moved(site, site, now));
        }
        Remembered.Moved moved = before.moved();
        if (moved != null && isReturn(site, instance, moved)) {
            Instant until = moved.at().plus(hysteresis);
            if (now.isBefore(until)) {
                Remembered.Held held = new Remembered.Held(site, instance.wanted(), until);
                return new Act(instance, Act.Action.HeldBack, site, new Remembered(moved, held, null));
            }
        }
        return new Act(instance, Act.Action.Moving, site, before.moved(instance.wanted(), site, now));
    }

    /**
     * Whether everything is already as an event says, so that nothing has to be written: the user stays, nothing else is
     * held back or announced, and no later event is compared with this one.
     */
    private static boolean isKnown(MobilityEvent event, String site, KnownInstance instance) {
        Remembered remembered = instance.remembered();
        return site.equals(instance.wanted())
                && site.equals(instance.at())
                && !event.origin().isOrdered()
                && remembered.held() == null
                && remembered.prepared() == null
                && (remembered.moved() == null || remembered.moved().to().equals(site));
    }

    private static boolean isReturn(String site, KnownInstance instance, Remembered.Moved moved) {
        return moved.from().equals(site) && moved.to().equals(instance.wanted()) && !site.equals(instance.wanted());
    }

    private static Act prepare(MobilityEvent event, String site, KnownInstance instance) {
        Remembered before = instance.remembered();
        if (site.equals(instance.wanted())) {
            return new Act(instance, Act.Action.NothingToDo, null, before);
        }
        Remembered.Prepared prepared =
                new Remembered.Prepared(site, event.origin().key(), event.expectedAt());
        return new Act(instance, Act.Action.Prepared, site, new Remembered(before.moved(), before.held(), prepared));
    }

    /** @param site what to take back; null for everything */
    private static Act abort(@Nullable String site, KnownInstance instance) {
        Remembered before = instance.remembered();
        boolean move = isMove(instance, site);
        boolean held = before.held() != null && isMeant(site, before.held().site());
        boolean prepared =
                before.prepared() != null && isMeant(site, before.prepared().site());
        if (!move && !held && !prepared) {
            return new Act(instance, Act.Action.NothingToDo, null, before);
        }
        return new Act(
                instance,
                Act.Action.Aborted,
                move ? instance.at() : null,
                new Remembered(
                        move ? null : before.moved(),
                        held ? null : before.held(),
                        prepared ? null : before.prepared()));
    }

    /** Whether an event has begun a move, to the site if it matters, that is not over. */
    private static boolean isMove(KnownInstance instance, @Nullable String site) {
        if (!instance.followsUser() || instance.at() == null) {
            return false;
        }
        String going = instance.migration() == null
                ? instance.wanted()
                : instance.migration().to();
        return !going.equals(instance.at()) && isMeant(site, going);
    }

    private static boolean isMeant(@Nullable String site, String other) {
        return site == null || site.equals(other);
    }

    private static MobilityDecision refused(String code, String message) {
        return new MobilityDecision(List.of(), List.of(new Reason(code, message)));
    }
}
