// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.Events;
import dev.carovana.controller.Preflights;
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
import java.util.stream.Collectors;

/** What a migration does before it touches any pod: takes the instance, or says why it cannot, and has the move checked. */
@ApplicationScoped
class MigrationStart {
    private final InstanceStatuses instances;
    private final Moves moves;
    private final MigrationWrites writes;
    private final Preflights preflights;
    private final Events events;
    private final ControllerConfig config;
    private final Clock clock = Clock.systemUTC();

    MigrationStart(
            InstanceStatuses instances,
            Moves moves,
            MigrationWrites writes,
            Preflights preflights,
            Events events,
            ControllerConfig config) {
        this.instances = instances;
        this.moves = moves;
        this.writes = writes;
        this.preflights = preflights;
        this.events = events;
        this.config = config;
    }

    /** Takes the instance's lock and writes down which pods this is about; false if it could not and says so. */
    boolean take(Migration migration) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getMetadata().getName();
        Optional<FunctionInstance> instance =
                instances.find(namespace, migration.getSpec().instance());
        Optional<String> changed = instance.flatMap(i -> MigrationRequests.changedWish(migration, i));
        if (changed.isPresent()) {
            refuse(migration, new Reason("WishChanged", "the instance should be at " + changed.get() + " by now"));
            return false;
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
            return false;
        }
        writes.adopt(migration, found.get());
        FunctionInstanceStatus status = InstanceStatuses.of(found.get());
        if (!name.equals(status.migration())) {
            refuse(
                    migration,
                    new Reason(
                            "InstanceBusy",
                            "instance " + migration.getSpec().instance() + " is being moved by " + status.migration()));
            return false;
        }
        wish(found.get(), migration.getSpec().to());
        write(migration, found.get(), status);
        return true;
    }

    private void write(Migration migration, FunctionInstance instance, FunctionInstanceStatus status) {
        long epoch = epochOf(migration, Objects.requireNonNull(status.epoch()));
        String destination = InstancePods.name(instance, epoch);
        writes.change(
                migration,
                s -> MigrationStatuses.between(
                        s,
                        Objects.requireNonNull(status.site()),
                        epoch,
                        Objects.requireNonNull(status.podName()),
                        destination));
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
        List<Reason> reasons = preflights.check(
                migration.getMetadata().getNamespace(),
                migration.getSpec().instance(),
                migration.getSpec().to());
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
        String tail = migration.getMetadata().getName();
        tail = tail.substring(tail.lastIndexOf('-') + 1);
        return tail.matches("\\d{1,9}") && Long.parseLong(tail) > current ? Long.parseLong(tail) : current + 1;
    }
}
