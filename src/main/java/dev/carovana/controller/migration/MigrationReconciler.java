// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.Pages;
import dev.carovana.controller.Retries;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.model.MigrationMachine;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MigrationStep;
import dev.carovana.model.MigrationStep.Effect;
import dev.carovana.model.MigrationTimeouts;
import dev.carovana.model.Reason;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries a migration through its phases: observes, lets {@link MigrationMachine} decide, writes the decision down, acts.
 * Agents' and gateways' words wake it; a slow clock is the net below.
 */
@GradualRetry(maxAttempts = Retries.ALWAYS, initialInterval = Retries.FIRST_MILLIS, maxInterval = Retries.LAST_MILLIS)
@ControllerConfiguration(
        name = "migration",
        finalizerName = MigrationRequests.FINALIZER,
        informer = @Informer(informerListLimit = Pages.OBJECTS))
public class MigrationReconciler implements Reconciler<Migration>, Cleaner<Migration> {
    private static final Logger LOG = Logger.getLogger(MigrationReconciler.class);
    /** The source has been told to give up, and has not answered: a dump that hangs cannot be cancelled. */
    private static final String STOPPING = "Stopping";

    /** What agents measure meanwhile is written with the next phase: users may be waiting for that. */
    private static final Set<MigrationPhase> BRIEF = EnumSet.of(
            MigrationPhase.Preparing, MigrationPhase.Draining, MigrationPhase.Handover, MigrationPhase.Restoring);

    private final MigrationSources sources;
    private final MigrationWrites writes;
    private final MigrationStart start;
    private final MigrationObserver observer;
    private final MigrationEffects effects;
    private final MigrationNews news;
    private final MigrationMachine machine;
    private final Clock clock = Clock.systemUTC();

    MigrationReconciler(
            MigrationSources sources,
            MigrationWrites writes,
            MigrationStart start,
            MigrationObserver observer,
            MigrationEffects effects,
            MigrationNews news,
            ControllerConfig config) {
        this.sources = sources;
        this.writes = writes;
        this.start = start;
        this.observer = observer;
        this.effects = effects;
        this.news = news;
        this.machine = new MigrationMachine(new MigrationTimeouts(
                config.timeouts().prepare(),
                config.timeouts().preCopy(),
                config.timeouts().drain(),
                config.timeouts().handover(),
                config.timeouts().restore()));
    }

    @Override
    public List<EventSource<?, Migration>> prepareEventSources(EventSourceContext<Migration> context) {
        return sources.of(this::strayed);
    }

    @Override
    public UpdateControl<Migration> reconcile(Migration cached, Context<Migration> context) {
        return isSettled(cached)
                ? UpdateControl.noUpdate()
                : UpdateControl.<Migration>noUpdate().rescheduleAfter(untilNextLook(cached));
    }

    @Override
    public DeleteControl cleanup(Migration cached, Context<Migration> context) {
        if (!isSettled(cached)) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(untilNextLook(cached));
        }
        writes.forget(cached);
        return DeleteControl.defaultDelete();
    }

    private Duration untilNextLook(Migration cached) {
        Migration migration = writes.latest(cached);
        return MigrationMachine.untilNextLook(
                MigrationStatuses.phaseOf(migration), MigrationStatuses.since(migration), clock.instant());
    }

    /** Brings it as far as it goes now; whether nothing is left to be done then. */
    private boolean isSettled(Migration cached) {
        Migration migration = writes.latest(cached);
        try {
            if (!MigrationStatuses.isSettled(migration)) {
                sources.begin(migration);
                if (!MigrationStatuses.isSettled(advance(migration))) {
                    return false;
                }
            }
        } catch (MigrationWrites.Gone e) {
            LOG.warn(e.getMessage());
        }
        end(migration);
        return true;
    }

    /** Whoever speaks of it from now on has strayed; and so has who spoke of it while it was brought to its end. */
    private void end(Migration migration) {
        sources.end(migration);
        effects.forget(migration.getMetadata().getUid());
    }

    /** An agent speaks of a migration that does not exist any more, or is over: it gives it up, or forgets it. */
    private void strayed(String uid) {
        if (!writes.isUnsettled(uid)) {
            effects.forget(uid);
        }
    }

    /** Goes as many steps as can be gone now. */
    private Migration advance(Migration migration) {
        Migration now = migration;
        while (true) {
            MigrationPhase before = MigrationStatuses.phaseOf(now);
            UnaryOperator<MigrationStatus> taken = UnaryOperator.identity();
            if (before == MigrationPhase.Pending) {
                Optional<UnaryOperator<MigrationStatus>> between = start.take(now);
                now = writes.latest(now);
                if (between.isEmpty()) {
                    return now;
                }
                taken = between.get();
            }
            MigrationStep step = machine.next(
                    new MigrationMachine.State(before, sources.waitingSince(now), deadline(now)),
                    observer.observe(now),
                    clock.instant());
            now = record(now, before, step, taken);
            if (MigrationStatuses.phaseOf(now) != step.phase()) {
                return now; // it was not where it seemed to be: nothing is done upon that
            }
            for (Effect effect : step.effects()) {
                if (effect == Effect.RUN_PREFLIGHT) {
                    Optional<Migration> checked = start.preflight(now, sources.waitingSince(now));
                    if (checked.isEmpty()) {
                        return now;
                    }
                    now = checked.get();
                } else {
                    effects.perform(effect, now, step.reason());
                }
            }
            if (step.settled()) {
                return writes.change(now, s -> MigrationStatuses.settled(s, clock.instant()));
            }
            if (step.phase() == before && !step.effects().contains(Effect.RUN_PREFLIGHT)) {
                return now;
            }
        }
    }

    private Migration record(
            Migration migration, MigrationPhase before, MigrationStep step, UnaryOperator<MigrationStatus> taken) {
        Measurements measured = observer.measure(migration);
        Migration written = writes.change(migration, s -> {
            if (MigrationStatuses.phaseOf(s) != before) {
                return s;
            }
            MigrationStatus known = MigrationStatuses.measured(taken.apply(s), measured);
            if (step.phase() != before) {
                return MigrationStatuses.entered(known, step.phase(), step.reason(), clock.instant());
            }
            if (BRIEF.contains(before)) {
                known = s;
            }
            Reason stopping = step.phase() == MigrationPhase.Handover ? step.reason() : null;
            return stopping == null
                    ? known
                    : MigrationStatuses.with(
                            known, STOPPING, true, stopping.code(), stopping.message(), clock.instant());
        });
        if (step.phase() != before && MigrationStatuses.phaseOf(written) == step.phase()) {
            news.tell(written, step);
        }
        return written;
    }

    private static @Nullable Instant deadline(Migration migration) {
        String deadline = migration.getSpec().deadline();
        return deadline == null ? null : Instant.parse(deadline);
    }
}
