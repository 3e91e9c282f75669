// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.Events;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.instance.InstanceChanges;
import dev.carovana.controller.instance.InstancePods;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What a migration does before it touches any pod: takes the instance, or says why it cannot, and has the move checked. */
@ApplicationScoped
class MigrationStart {
    private final InstanceStatuses instances;
    private final Moves moves;
    private final MigrationWrites writes;
    private final InstanceCache cache;
    private final PreflightCheck preflight;
    private final Events events;
    private final ControllerConfig config;
    private final Clock clock = Clock.systemUTC();

    MigrationStart(
            InstanceStatuses instances,
            Moves moves,
            MigrationWrites writes,
            InstanceCache cache,
            PreflightCheck preflight,
            Events events,
            ControllerConfig config) {
        this.instances = instances;
        this.moves = moves;
        this.writes = writes;
        this.cache = cache;
        this.preflight = preflight;
        this.events = events;
        this.config = config;
    }

    /** Takes the instance's lock, and says which pods this is about; empty if it could not and has said so. */
    Optional<UnaryOperator<MigrationStatus>> take(Migration migration) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getMetadata().getName();
        Optional<FunctionInstance> instance =
                instances.find(namespace, migration.getSpec().instance());
        Optional<String> changed = instance.flatMap(i -> MigrationRequests.changedWish(migration, i));
        if (changed.isPresent()) {
            refuse(migration, new Reason("WishChanged", "the instance should be at " + changed.get() + " by now"));
            return Optional.empty();
        }
        Optional<FunctionInstance> found = instance.flatMap(i -> instances.update(
                i,
                s -> s.migration() == null && s.podName() != null
                        ? InstanceChanges.locked(s, name, clock.instant())
                        : s));
        if (found.isEmpty()) {
            refuse(
                    migration,
                    new Reason(
                            "InstanceNotFound",
                            "spec.instance '" + migration.getSpec().instance() + "': there is none in " + namespace));
            return Optional.empty();
        }
        writes.adopt(migration, found.get());
        FunctionInstanceStatus status = InstanceStatuses.of(found.get());
        if (!name.equals(status.migration())) {
            refuse(
                    migration,
                    new Reason(
                            "InstanceBusy",
                            "instance " + migration.getSpec().instance() + " is being moved by " + status.migration()));
            return Optional.empty();
        }
        wish(found.get(), migration.getSpec().to());
        return Optional.of(between(migration, found.get(), status));
    }

    private static UnaryOperator<MigrationStatus> between(
            Migration migration, FunctionInstance instance, FunctionInstanceStatus status) {
        long epoch = epochOf(migration, Objects.requireNonNull(status.epoch()));
        String destination = InstancePods.name(instance, epoch);
        String from = Objects.requireNonNull(status.site());
        String source = Objects.requireNonNull(status.podName());
        return s -> MigrationStatuses.between(s, from, epoch, source, destination);
    }

    /** A migration that somebody made by hand is a wish too: the instance's own must not take it back. */
    private void wish(FunctionInstance instance, String site) {
        if (!instance.getSpec().site().equals(site)) {
            moves.writeAnyhow(instance, site);
        }
    }

    private void refuse(Migration migration, Reason reason) {
        events.warn(migration, reason);
        writes.change(
                migration,
                s -> MigrationStatuses.settled(
                        MigrationStatuses.entered(s, MigrationPhase.RolledBack, reason, clock.instant()),
                        clock.instant()));
    }

    /**
     * Writes down what speaks against the move; empty if that can only be said later, when agents had time to come back.
     *
     * @param since when the migration began to wait for it
     */
    Optional<Migration> preflight(Migration migration, Instant since) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getSpec().instance();
        String to = migration.getSpec().to();
        boolean within = MigrationRequests.isByHand(migration);
        List<Reason> reasons = cache.find(namespace, name)
                // as this migration has taken it, and nobody else changes where it is
                .filter(i -> migration
                        .getMetadata()
                        .getName()
                        .equals(InstanceStatuses.of(i).migration()))
                .or(() -> instances.find(namespace, name))
                .map(instance -> preflight.check(instance, to, within))
                .orElseGet(() -> preflight.check(namespace, name, to));
        boolean passed = reasons.isEmpty();
        if (!passed
                && SiteRules.onlyAgentsAway(reasons)
                && clock.instant().isBefore(since.plus(config.timeouts().agents()))) {
            return Optional.empty();
        }
        String code = passed ? "Passed" : reasons.getFirst().code();
        String message = reasons.stream().map(Reason::message).collect(Collectors.joining("; "));
        return Optional.of(writes.change(
                migration, s -> MigrationStatuses.with(s, "Preflight", passed, code, message, clock.instant())));
    }

    private static long epochOf(Migration migration, long current) {
        return Math.max(InstancePods.epochOf(migration.getMetadata().getName()), current + 1);
    }
}
