// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.Events;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.Pages;
import dev.carovana.controller.PodCreation;
import dev.carovana.controller.Retries;
import dev.carovana.controller.SlimInstances;
import dev.carovana.controller.copy.Copies.Copy;
import dev.carovana.controller.function.Function;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.link.PodAddresses;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Keeps one pod for an instance, says where it is, and asks for its migration when it should be elsewhere. */
@GradualRetry(maxAttempts = Retries.ALWAYS, initialInterval = Retries.FIRST_MILLIS, maxInterval = Retries.LAST_MILLIS)
@ControllerConfiguration(
        name = "instance",
        informer = @Informer(itemStore = SlimInstances.class, informerListLimit = Pages.OBJECTS))
public class InstanceReconciler implements Reconciler<FunctionInstance> {
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration SWIFT_MOVE = Duration.ofSeconds(10);
    /** A copy's Service may change just before the copy is ready: then nothing would wake us when it is. */
    private static final Duration COPY_NET = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final InstanceStatuses statuses;
    private final MigrationRequests migrations;
    private final SiteAdmission admission;
    private final FreshStarts freshStarts;
    private final IdleInstances idle;
    private final InstanceFunctions functions;
    private final InstanceSources sources;
    private final InstanceCache instances;
    private final FirstLooks firstLooks;
    private final PodAddresses addresses;
    private final Events events;
    private final Clock clock = Clock.systemUTC();

    InstanceReconciler(
            KubernetesClient client,
            InstanceStatuses statuses,
            MigrationRequests migrations,
            SiteAdmission admission,
            FreshStarts freshStarts,
            IdleInstances idle,
            InstanceFunctions functions,
            InstanceSources sources,
            InstanceCache instances,
            FirstLooks firstLooks,
            PodAddresses addresses,
            Events events) {
        this.client = client;
        this.statuses = statuses;
        this.migrations = migrations;
        this.admission = admission;
        this.freshStarts = freshStarts;
        this.idle = idle;
        this.functions = functions;
        this.sources = sources;
        this.instances = instances;
        this.firstLooks = firstLooks;
        this.addresses = addresses;
        this.events = events;
    }

    @Override
    public List<EventSource<?, FunctionInstance>> prepareEventSources(EventSourceContext<FunctionInstance> context) {
        firstLooks.begin(instances.all());
        return sources.of(context);
    }

    @Override
    public UpdateControl<FunctionInstance> reconcile(FunctionInstance cached, Context<FunctionInstance> context) {
        FunctionInstance seen = instances.latest(cached);
        if (isMovedSwiftly(seen) || migrations.hasAsked(seen, clock.instant())) {
            return UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(SWIFT_MOVE);
        }
        Optional<Duration> turn = firstLooks.left(seen);
        if (turn.isPresent()) {
            return UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(turn.get());
        }
        return statuses.find(
                        cached.getMetadata().getNamespace(),
                        cached.getMetadata().getName())
                .filter(instance -> !instance.isMarkedForDeletion())
                .map(this::observe)
                .orElseGet(UpdateControl::noUpdate);
    }

    /** What the pods of a migration show is looked at only if it takes long; its end wakes us. */
    private boolean isMovedSwiftly(FunctionInstance instance) {
        String migration = InstanceStatuses.of(instance).migration();
        Instant early = clock.instant().minus(SWIFT_MOVE);
        return migration != null
                && migrations.seen(instance).stream()
                        .filter(m -> m.getMetadata().getName().equals(migration))
                        .anyMatch(m -> Instant.parse(m.getMetadata().getCreationTimestamp())
                                .isAfter(early));
    }

    private UpdateControl<FunctionInstance> observe(FunctionInstance found) {
        if (InstanceStatuses.of(found).copy() != null) {
            return serve(found);
        }
        FunctionInstance instance = repaired(found);
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        String namespace = instance.getMetadata().getNamespace();
        Pod pod =
                client.pods().inNamespace(namespace).withName(status.podName()).get();
        if (pod == null) {
            return status.podUid() == null ? start(instance) : lost(instance, "it does not exist any more");
        }
        if (status.migration() == null
                && Set.of("Failed", "Succeeded").contains(pod.getStatus().getPhase())) {
            client.resource(pod).delete();
            return lost(instance, "it ended with " + pod.getStatus().getReason());
        }
        Long generation = generation(instance);
        String told = addresses.at(status.site(), namespace, status.podName());
        Optional<Function> function = status.migration() == null ? functions.of(instance) : Optional.empty();
        function.ifPresent(f -> functions.own(found, f));
        Optional<Duration> ending =
                function.flatMap(f -> freshStarts.end(instance, pod, f).or(() -> idle.end(instance, f)));
        if (ending.isPresent()) {
            return UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(ending.get());
        }
        FunctionInstance now = change(instance, s -> {
            FunctionInstanceStatus followed = InstanceChanges.followed(s, pod, told, generation, clock.instant());
            return function.map(f -> InstanceChanges.compared(
                            followed, InstanceFunctions.isUpToDate(pod, f), generation, clock.instant()))
                    .orElse(followed);
        });
        return function.flatMap(f -> lookWhenIdle(now, f)).orElseGet(() -> follow(now));
    }

    /** With an epoch, and not held by a migration that is no more. */
    private FunctionInstance repaired(FunctionInstance found) {
        if (InstanceStatuses.of(found).epoch() == null) {
            return begin(found, 1, false);
        }
        return migrations.lockIsStale(found) ? change(found, s -> InstanceChanges.unlocked(s, clock.instant())) : found;
    }

    /** A call does not wake us: who has none yet is looked at again when the first could be old enough. */
    private Optional<UpdateControl<FunctionInstance>> lookWhenIdle(FunctionInstance instance, Function function) {
        return instance.getSpec().site().equals(InstanceStatuses.of(instance).site())
                ? Optional.ofNullable(function.contract().idleTimeout())
                        .map(timeout -> idle.left(instance, function)
                                .filter(Duration::isPositive)
                                .orElse(timeout))
                        .map(left -> UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(left))
                : Optional.empty();
    }

    /** Of one that a copy serves nothing is lost. */
    private UpdateControl<FunctionInstance> served(FunctionInstance instance, Function function) {
        if (idle.isOver(instance, function)) {
            idle.remove(instance, function);
            return UpdateControl.noUpdate();
        }
        return lookWhenIdle(instance, function).orElseGet(UpdateControl::noUpdate);
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
        boolean isNew = Objects.equals(status.epoch(), 1L);
        return switch (admission.check(instance, isNew)) {
            case SiteAdmission.Result.Closed(Reason reason) -> refuse(instance, reason);
            case SiteAdmission.Result.Open(Site site) -> {
                if (!site.getMetadata().getName().equals(status.site())) {
                    begin(instance, Objects.requireNonNull(status.epoch()), false);
                }
                yield switch (functions.toStart(instance, isNew)) {
                    case Result.Refused(Reason reason) -> refuse(instance, reason);
                    case Result.Found(var function) when function.isRemote() -> serve(instance);
                    case Result.Found(var function) -> {
                        functions.own(instance, function);
                        Pod pod = InstancePods.fresh(instance, function, site, Objects.requireNonNull(status.epoch()));
                        yield PodCreation.create(client, pod)
                                .map(reason -> refuse(instance, reason))
                                .orElseGet(UpdateControl::noUpdate);
                    }
                };
            }
        };
    }

    /** A user of a remote-state function is served by the copy at the site, once that is ready. */
    private UpdateControl<FunctionInstance> serve(FunctionInstance instance) {
        boolean moves =
                !instance.getSpec().site().equals(InstanceStatuses.of(instance).site());
        return switch (admission.check(instance, moves)) {
            case SiteAdmission.Result.Closed(Reason reason) -> refuse(instance, reason);
            case SiteAdmission.Result.Open(Site site) ->
                switch (functions.toStart(instance, false)) {
                    case Result.Refused(Reason reason) -> refuse(instance, reason);
                    case Result.Found(var function)
                    when !function.isRemote() ->
                        refuse(
                                instance,
                                new Reason(
                                        "FunctionState",
                                        "label " + FunctionContract.STATE + " of the function is 'local' now: an"
                                                + " instance that a copy serves must be deleted and made anew"));
                    case Result.Found(var function) -> {
                        Copy copy = functions.copy(instance, function, site);
                        Long generation = generation(instance);
                        FunctionInstance now = change(
                                instance,
                                s -> ServedChanges.followed(
                                        s, site.getMetadata().getName(), copy, generation, clock.instant()));
                        yield copy.ready()
                                ? served(now, function)
                                : UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(COPY_NET);
                    }
                };
        };
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
        if (migrations.hasAsked(instance, clock.instant()) || !MigrationRequests.isWantedElsewhere(instance)) {
            return UpdateControl.noUpdate();
        }
        // a migration that has not taken the instance yet wakes us with its end
        Duration wait = MigrationRequests.backOff(instance, migrations.seen(instance), clock.instant());
        return wait.isZero()
                ? UpdateControl.noUpdate()
                : UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(wait);
    }

    private FunctionInstance change(FunctionInstance instance, UnaryOperator<FunctionInstanceStatus> change) {
        return statuses.update(instance, change).orElse(instance);
    }

    private static Long generation(FunctionInstance instance) {
        return Objects.requireNonNull(instance.getMetadata().getGeneration());
    }
}
