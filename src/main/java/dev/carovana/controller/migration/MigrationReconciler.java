// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.Events;
import dev.carovana.controller.Pages;
import dev.carovana.controller.Preflights;
import dev.carovana.controller.Statuses;
import dev.carovana.controller.instance.InstanceChanges;
import dev.carovana.controller.instance.InstancePods;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.link.Agents;
import dev.carovana.model.MigrationMachine;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MigrationStep;
import dev.carovana.model.MigrationStep.Effect;
import dev.carovana.model.MigrationTimeouts;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries a migration through its phases: observes, lets {@link MigrationMachine} decide, writes the decision down, acts.
 * Agents' words wake it; a slow clock is the net below.
 */
@ControllerConfiguration(name = "migration", informer = @Informer(informerListLimit = Pages.OBJECTS))
public class MigrationReconciler implements Reconciler<Migration>, Cleaner<Migration> {
    private static final Logger LOG = Logger.getLogger(MigrationReconciler.class);
    private static final Duration NET = Duration.ofSeconds(2);
    private static final String SETTLED = "Settled";
    /** The source has been told to give up, and has not answered: a dump that hangs cannot be cancelled. */
    private static final String STOPPING = "Stopping";

    private final KubernetesClient client;
    private final InstanceStatuses instances;
    private final MigrationObserver observer;
    private final SeenPods pods;
    private final MigrationEffects effects;
    private final Preflights preflights;
    private final Agents agents;
    private final Events events;
    private final MigrationMetrics metrics;
    private final MigrationMachine machine;
    private final Clock clock = Clock.systemUTC();
    private final Map<String, ResourceID> byUid = new ConcurrentHashMap<>();

    MigrationReconciler(
            KubernetesClient client,
            InstanceStatuses instances,
            MigrationObserver observer,
            SeenPods pods,
            MigrationEffects effects,
            Preflights preflights,
            Agents agents,
            Events events,
            MigrationMetrics metrics,
            ControllerConfig config) {
        this.client = client;
        this.instances = instances;
        this.observer = observer;
        this.pods = pods;
        this.effects = effects;
        this.preflights = preflights;
        this.agents = agents;
        this.events = events;
        this.metrics = metrics;
        this.machine = new MigrationMachine(new MigrationTimeouts(
                config.timeouts().prepare(),
                config.timeouts().handover(),
                config.timeouts().restore()));
    }

    @Override
    public List<EventSource<?, Migration>> prepareEventSources(EventSourceContext<Migration> context) {
        SimpleInboundEventSource<Migration> words = new SimpleInboundEventSource<>("agents");
        agents.onReport(uid -> Optional.ofNullable(byUid.get(uid))
                .ifPresentOrElse(words::propagateEvent, () -> Thread.ofVirtual().start(() -> strayed(uid))));
        var podEvents = InformerEventSourceConfiguration.from(Pod.class, Migration.class)
                .withLabelSelector(Carovana.INSTANCE_LABEL)
                .withItemStore(pods.watched())
                .withInformerListLimit(Pages.OBJECTS)
                // agents say how a pod comes up; only that it is there, gone or hopeless is told by the pod alone
                .withOnUpdateFilter((now, before) -> MigrationObserver.problem(now) != null)
                .withSecondaryToPrimaryMapper(pod -> byUid.values().stream()
                        .filter(id -> id.getNamespace()
                                        .orElse("")
                                        .equals(pod.getMetadata().getNamespace())
                                && id.getName()
                                        .startsWith(
                                                pod.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL) + "-"))
                        .collect(java.util.stream.Collectors.toSet()))
                .build();
        return List.of(words, new InformerEventSource<>(podEvents, context));
    }

    @Override
    public UpdateControl<Migration> reconcile(Migration cached, Context<Migration> context) {
        Migration migration = fresh(cached);
        if (migration == null || isSettled(migration)) {
            byUid.remove(cached.getMetadata().getUid());
            return UpdateControl.noUpdate();
        }
        byUid.put(migration.getMetadata().getUid(), ResourceID.fromResource(migration));
        return isSettled(advance(migration))
                ? UpdateControl.noUpdate()
                : UpdateControl.<Migration>noUpdate().rescheduleAfter(NET);
    }

    @Override
    public DeleteControl cleanup(Migration cached, Context<Migration> context) {
        Migration migration = fresh(cached);
        if (migration == null || isSettled(migration) || isSettled(advance(migration))) {
            byUid.remove(cached.getMetadata().getUid());
            return DeleteControl.defaultDelete();
        }
        return DeleteControl.noFinalizerRemoval().rescheduleAfter(NET);
    }

    /** An agent speaks of a migration that does not exist any more, or is over: it gives it up, or forgets it. */
    private void strayed(String uid) {
        boolean exists = client.resources(Migration.class).inAnyNamespace().list().getItems().stream()
                .anyMatch(migration -> migration.getMetadata().getUid().equals(uid) && !isSettled(migration));
        if (!exists) {
            effects.forget(uid);
        }
    }

    /**
     * Goes as many steps as can be gone now.
     *
     * @param migration as it was read just now
     */
    private Migration advance(Migration migration) {
        Migration now = migration;
        while (true) {
            MigrationPhase before = MigrationStatuses.phaseOf(now);
            if (before == MigrationPhase.Pending) {
                boolean taken = take(now);
                now = reread(now);
                if (!taken) {
                    return now;
                }
            }
            MigrationStep step = machine.next(
                    new MigrationMachine.State(before, MigrationStatuses.since(now), deadline(now)),
                    observer.observe(now),
                    clock.instant());
            now = record(now, before, step);
            for (Effect effect : step.effects()) {
                if (effect == Effect.RUN_PREFLIGHT) {
                    now = preflight(now);
                } else {
                    effects.perform(effect, now, step.reason());
                }
            }
            if (step.settled()) {
                return change(now, s -> MigrationStatuses.with(s, SETTLED, true, "NothingLeft", "", clock.instant()));
            }
            if (step.phase() == before && !step.effects().contains(Effect.RUN_PREFLIGHT)) {
                return now;
            }
        }
    }

    /** Takes the instance's lock and writes down which pods this is about; false if it could not and says so. */
    private boolean take(Migration migration) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getMetadata().getName();
        Optional<String> changed = instances
                .find(namespace, migration.getSpec().instance())
                .flatMap(i -> MigrationRequests.changedWish(migration, i));
        if (changed.isPresent()) {
            refuse(migration, new Reason("WishChanged", "the instance should be at " + changed.get() + " by now"));
            return false;
        }
        Optional<FunctionInstance> found = instances.update(
                namespace,
                migration.getSpec().instance(),
                s -> s.migration() == null && s.podName() != null
                        ? InstanceChanges.locked(s, name, clock.instant())
                        : s);
        if (found.isEmpty()) {
            refuse(
                    migration,
                    new Reason(
                            "InstanceNotFound",
                            "spec.instance '" + migration.getSpec().instance() + "': there is none in " + namespace));
            return false;
        }
        adopt(migration, found.get());
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
        long epoch = epochOf(migration, Objects.requireNonNull(status.epoch()));
        String destination = InstancePods.name(found.get(), epoch);
        change(
                migration,
                s -> MigrationStatuses.between(
                        s,
                        Objects.requireNonNull(status.site()),
                        epoch,
                        Objects.requireNonNull(status.podName()),
                        destination));
        return true;
    }

    /** A migration that somebody made by hand goes when its instance goes. */
    private void adopt(Migration migration, FunctionInstance instance) {
        if (migration.getMetadata().getOwnerReferences().isEmpty()) {
            resource(migration).edit(m -> {
                m.addOwnerReference(instance);
                return m;
            });
        }
    }

    /** A migration that somebody made by hand is a wish too: the instance's own must not take it back. */
    private void wish(FunctionInstance instance, String site) {
        if (!instance.getSpec().site().equals(site)) {
            instances.wish(
                    instance.getMetadata().getNamespace(),
                    instance.getMetadata().getName(),
                    site);
        }
    }

    private void refuse(Migration migration, Reason reason) {
        events.warn(migration, reason);
        change(
                migration,
                s -> MigrationStatuses.with(
                        MigrationStatuses.entered(s, MigrationPhase.RolledBack, reason, clock.instant()),
                        SETTLED,
                        true,
                        "NothingLeft",
                        "",
                        clock.instant()));
    }

    private Migration preflight(Migration migration) {
        List<Reason> reasons = preflights.check(
                migration.getMetadata().getNamespace(),
                migration.getSpec().instance(),
                migration.getSpec().to());
        if (reasons.isEmpty()) {
            return change(migration, s -> MigrationStatuses.with(s, "Preflight", true, "Passed", "", clock.instant()));
        }
        List<String> messages = new ArrayList<>();
        reasons.forEach(reason -> messages.add(reason.message()));
        return change(
                migration,
                s -> MigrationStatuses.with(
                        s,
                        "Preflight",
                        false,
                        reasons.getFirst().code(),
                        String.join("; ", messages),
                        clock.instant()));
    }

    private Migration record(Migration migration, MigrationPhase before, MigrationStep step) {
        Measurements measured = observer.measure(migration);
        Migration written = change(migration, s -> {
            MigrationStatus known = MigrationStatuses.measured(s, measured);
            if (step.phase() != before) {
                return MigrationStatuses.entered(known, step.phase(), step.reason(), clock.instant());
            }
            Reason stopping = step.phase() == MigrationPhase.Handover ? step.reason() : null;
            return stopping == null
                    ? known
                    : MigrationStatuses.with(
                            known, STOPPING, true, stopping.code(), stopping.message(), clock.instant());
        });
        if (step.phase() != before) {
            tell(written, step);
        }
        return written;
    }

    private void tell(Migration migration, MigrationStep step) {
        LOG.infof(
                "migration=%s instance=%s sourceSite=%s targetSite=%s phase=%s reason=%s",
                migration.getMetadata().getName(),
                migration.getSpec().instance(),
                MigrationStatuses.of(migration).from(),
                migration.getSpec().to(),
                step.phase(),
                step.reason());
        if (step.phase().isFinal() || step.phase() == MigrationPhase.InDoubt) {
            Reason reason = Objects.requireNonNullElse(
                    step.reason(),
                    new Reason(
                            step.phase().name(),
                            "moved to " + migration.getSpec().to()));
            if (step.phase() == MigrationPhase.Succeeded) {
                events.tell(migration, reason);
            } else {
                events.warn(migration, reason);
            }
            metrics.ended(migration);
        }
    }

    private Migration change(Migration old, UnaryOperator<MigrationStatus> change) {
        return Statuses.update(client, resource(old), old, migration -> change.apply(MigrationStatuses.of(migration)))
                .orElse(old);
    }

    private Migration reread(Migration migration) {
        return Objects.requireNonNullElse(fresh(migration), migration);
    }

    private @Nullable Migration fresh(Migration migration) {
        return resource(migration).get();
    }

    private Resource<Migration> resource(Migration migration) {
        return client.resources(Migration.class)
                .inNamespace(migration.getMetadata().getNamespace())
                .withName(migration.getMetadata().getName());
    }

    private static boolean isSettled(@Nullable Migration migration) {
        return migration == null
                || dev.carovana.controller.Conditions.isTrue(
                        MigrationStatuses.of(migration).conditions(), SETTLED);
    }

    private static @Nullable Instant deadline(Migration migration) {
        String deadline = migration.getSpec().deadline();
        return deadline == null ? null : Instant.parse(deadline);
    }

    private static long epochOf(Migration migration, long current) {
        String tail = migration.getMetadata().getName();
        tail = tail.substring(tail.lastIndexOf('-') + 1);
        return tail.matches("\\d{1,9}") && Long.parseLong(tail) > current ? Long.parseLong(tail) : current + 1;
    }
}
