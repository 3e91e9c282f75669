// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.Events;
import dev.carovana.controller.Namespaces;
import dev.carovana.controller.function.FunctionTemplates.Result;
import dev.carovana.controller.function.Functions;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Keeps one pod for an instance, says where it is, and asks for its migration when it should be elsewhere. */
@ControllerConfiguration(name = "instance")
public class InstanceReconciler implements Reconciler<FunctionInstance> {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final InstanceStatuses statuses;
    private final MigrationRequests migrations;
    private final Functions functions;
    private final Events events;
    private final Namespaces namespaces;
    private final Clock clock = Clock.systemUTC();

    InstanceReconciler(
            KubernetesClient client,
            InstanceStatuses statuses,
            MigrationRequests migrations,
            Functions functions,
            Events events,
            Namespaces namespaces) {
        this.client = client;
        this.statuses = statuses;
        this.migrations = migrations;
        this.functions = functions;
        this.events = events;
        this.namespaces = namespaces;
    }

    @Override
    public List<EventSource<?, FunctionInstance>> prepareEventSources(EventSourceContext<FunctionInstance> context) {
        var pods = InformerEventSourceConfiguration.from(Pod.class, FunctionInstance.class)
                .withLabelSelector(Carovana.INSTANCE_LABEL)
                .withSecondaryToPrimaryMapper(pod -> Set.of(new ResourceID(
                        pod.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL),
                        pod.getMetadata().getNamespace())))
                .build();
        var moves = InformerEventSourceConfiguration.from(Migration.class, FunctionInstance.class)
                .withSecondaryToPrimaryMapper(migration -> Set.of(new ResourceID(
                        migration.getSpec().instance(), migration.getMetadata().getNamespace())))
                .build();
        return List.of(new InformerEventSource<>(pods, context), new InformerEventSource<>(moves, context));
    }

    @Override
    public UpdateControl<FunctionInstance> reconcile(FunctionInstance cached, Context<FunctionInstance> context) {
        return statuses.find(
                        cached.getMetadata().getNamespace(),
                        cached.getMetadata().getName())
                .filter(instance -> !instance.isMarkedForDeletion())
                .map(this::observe)
                .orElseGet(UpdateControl::noUpdate);
    }

    private UpdateControl<FunctionInstance> observe(FunctionInstance found) {
        FunctionInstance instance = found;
        if (InstanceStatuses.of(instance).epoch() == null) {
            instance = begin(instance, 1, false);
        } else if (lockIsStale(instance)) {
            instance = change(instance, s -> InstanceChanges.unlocked(s, clock.instant()));
        }
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        Pod pod = client.pods()
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(status.podName())
                .get();
        if (pod == null) {
            return status.podUid() == null ? start(instance) : lost(instance, "it does not exist any more");
        }
        if (status.migration() == null
                && Set.of("Failed", "Succeeded").contains(pod.getStatus().getPhase())) {
            client.resource(pod).delete();
            return lost(instance, "it ended with " + pod.getStatus().getReason());
        }
        Long generation = generation(instance);
        return follow(change(instance, s -> InstanceChanges.followed(s, pod, generation, clock.instant())));
    }

    /** Writes down the next pod before it is made. */
    private FunctionInstance begin(FunctionInstance instance, long epoch, boolean stateLost) {
        String site = instance.getSpec().site();
        String pod = InstancePods.name(instance, epoch);
        Long generation = generation(instance);
        return change(
                instance, s -> InstanceChanges.begun(s, site, pod, epoch, stateLost, generation, clock.instant()));
    }

    private UpdateControl<FunctionInstance> start(FunctionInstance instance) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        String wanted = instance.getSpec().site();
        Site site = client.resources(Site.class).withName(wanted).get();
        if (site == null) {
            return refuse(instance, new Reason("SiteNotFound", "spec.site '" + wanted + "': there is no such Site"));
        }
        Optional<Reason> against = namespaces
                .allowedSites(instance.getMetadata().getNamespace())
                .against(wanted)
                .or(() -> Objects.equals(status.epoch(), 1L) ? againstNewAt(site) : Optional.empty());
        if (against.isPresent()) {
            return refuse(instance, against.get());
        }
        if (!wanted.equals(status.site())) {
            begin(instance, Objects.requireNonNull(status.epoch()), false);
        }
        return switch (functions.find(
                instance.getMetadata().getNamespace(), instance.getSpec().function())) {
            case Result.Refused(Reason reason) -> refuse(instance, reason);
            case Result.Found(var template, var contract) -> {
                create(InstancePods.fresh(instance, template, site, Objects.requireNonNull(status.epoch())));
                yield UpdateControl.noUpdate();
            }
        };
    }

    /** Why the site takes no new instance; one that was there and was lost may come back. */
    private Optional<Reason> againstNewAt(Site site) {
        String name = site.getMetadata().getName();
        if (Boolean.TRUE.equals(site.getSpec().cordoned())) {
            return Optional.of(new Reason("SiteCordoned", "site " + name + ": spec.cordoned is true"));
        }
        Integer limit =
                site.getSpec().limits() == null ? null : site.getSpec().limits().maxInstances();
        if (limit == null) {
            return Optional.empty();
        }
        long there = client.resources(FunctionInstance.class).inAnyNamespace().list().getItems().stream()
                .map(InstanceStatuses::of)
                .filter(s -> name.equals(s.site()) && s.podUid() != null)
                .count();
        return there < limit
                ? Optional.empty()
                : Optional.of(new Reason(
                        "SiteLimit",
                        "site " + name + ": spec.limits.maxInstances is " + limit + " and " + there + " are there"));
    }

    private void create(Pod pod) {
        try {
            client.resource(pod).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw e;
            }
        }
    }

    /** An instance that cannot start yet starts where it is wanted when the reason is gone. */
    private UpdateControl<FunctionInstance> refuse(FunctionInstance instance, Reason reason) {
        events.warn(instance, reason);
        String site = instance.getSpec().site();
        Long generation = generation(instance);
        change(instance, s -> InstanceChanges.refused(s, site, reason, generation, clock.instant()));
        return UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(RETRY);
    }

    /** The state is gone with the pod: the next one starts cold, and says so. */
    private UpdateControl<FunctionInstance> lost(FunctionInstance instance, String how) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        if (status.migration() != null) {
            return UpdateControl.noUpdate(); // the migration decides which pod is the instance's
        }
        events.warn(instance, new Reason("StateLost", "pod " + status.podName() + ": " + how));
        return start(begin(instance, MigrationRequests.nextEpoch(instance, migrations.of(instance)), true));
    }

    private UpdateControl<FunctionInstance> follow(FunctionInstance instance) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        boolean here = instance.getSpec().site().equals(status.site());
        if (here || status.migration() != null || status.phase() != Phase.Running) {
            return UpdateControl.noUpdate();
        }
        List<Migration> before = migrations.of(instance);
        if (before.stream().anyMatch(MigrationRequests::isActive)) {
            return UpdateControl.noUpdate(); // it has not taken the instance yet; its end wakes us
        }
        Duration wait = MigrationRequests.backOff(instance, before, clock.instant());
        if (!wait.isZero()) {
            return UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(wait);
        }
        migrations.create(instance, MigrationRequests.nextEpoch(instance, before));
        migrations.prune(before);
        return UpdateControl.noUpdate();
    }

    /** The migration that holds the instance does not exist any more. */
    private boolean lockIsStale(FunctionInstance instance) {
        String migration = InstanceStatuses.of(instance).migration();
        return migration != null
                && client.resources(Migration.class)
                                .inNamespace(instance.getMetadata().getNamespace())
                                .withName(migration)
                                .get()
                        == null;
    }

    private FunctionInstance change(FunctionInstance instance, UnaryOperator<FunctionInstanceStatus> change) {
        return statuses.update(
                        instance.getMetadata().getNamespace(),
                        instance.getMetadata().getName(),
                        change)
                .orElse(instance);
    }

    private static Long generation(FunctionInstance instance) {
        return Objects.requireNonNull(instance.getMetadata().getGeneration());
    }
}
