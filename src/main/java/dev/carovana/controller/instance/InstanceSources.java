// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.MigrationCache;
import dev.carovana.controller.PodCache;
import dev.carovana.controller.SlimPods;
import dev.carovana.controller.copy.Copies;
import dev.carovana.controller.copy.DeploymentCopies;
import dev.carovana.controller.function.FunctionWatch;
import dev.carovana.link.PodAddresses;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** What makes an instance be looked at again: its pods, its migrations, its function, and the copies that serve it. */
@ApplicationScoped
class InstanceSources {
    private static final String BY_FUNCTION = "function";
    private static final String BY_COPY = "copy";

    private final InstanceCache instances;
    private final MigrationCache migrations;
    private final PodCache pods;
    private final FunctionWatch functions;
    private final FirstLooks firstLooks;
    private final PodAddresses addresses;

    InstanceSources(
            InstanceCache instances,
            MigrationCache migrations,
            PodCache pods,
            FunctionWatch functions,
            FirstLooks firstLooks,
            PodAddresses addresses) {
        this.instances = instances;
        this.migrations = migrations;
        this.pods = pods;
        this.functions = functions;
        this.firstLooks = firstLooks;
        this.addresses = addresses;
    }

    List<EventSource<?, FunctionInstance>> of(EventSourceContext<FunctionInstance> context) {
        context.getPrimaryCache().addIndexer(BY_COPY, i -> Copies.neededBy(i)
                .map(copy -> i.getMetadata().getNamespace() + " " + copy)
                .toList());
        var deployments = copies(
                Deployment.class,
                (now, before) -> DeploymentCopies.isReady(now) != DeploymentCopies.isReady(before),
                context.getPrimaryCache());
        var services = copies(
                Service.class, (now, before) -> !now.getSpec().equals(before.getSpec()), context.getPrimaryCache());
        return List.of(
                moves(),
                new InformerEventSource<>(deployments, context),
                new InformerEventSource<>(services, context),
                functions(context.getPrimaryCache()));
    }

    /** Its pods, and the end of a move: what happens between is nothing to the instance. */
    private SimpleInboundEventSource<FunctionInstance> moves() {
        SimpleInboundEventSource<FunctionInstance> source = new SimpleInboundEventSource<>("moves");
        instances.onChange((before, now) -> {
            if (before != null
                    && now != null
                    && InstanceStatuses.of(before).migration() != null
                    && InstanceStatuses.of(now).migration() == null) {
                ResourceID instance = ResourceID.fromResource(now);
                firstLooks.end(instance);
                source.propagateEvent(instance);
            }
        });
        migrations.onChange((before, now) -> {
            if (before != null
                    && (now == null || MigrationRequests.isActive(before) && !MigrationRequests.isActive(now))) {
                ResourceID instance = new ResourceID(
                        before.getSpec().instance(), before.getMetadata().getNamespace());
                firstLooks.end(instance);
                source.propagateEvent(instance);
            }
        });
        pods.onChange((before, now) -> {
            Pod pod = Objects.requireNonNullElse(now, before);
            ResourceID instance = new ResourceID(
                    pod.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL),
                    pod.getMetadata().getNamespace());
            if ((before == null || now == null || SlimPods.looksOtherwise(now, before)) && !isPast(pod, instance)) {
                if (before != null) { // the pods that are there at the start are told as new
                    firstLooks.end(instance);
                }
                source.propagateEvent(instance);
            }
        });
        addresses.onChange(pod -> instances
                .find(pod.getNamespace(), pod.getInstance())
                .map(InstanceStatuses::of)
                .filter(s ->
                        pod.getName().equals(s.podName()) && !pod.getAddress().equals(s.siteAddress()))
                .ifPresent(s -> source.propagateEvent(new ResourceID(pod.getInstance(), pod.getNamespace()))));
        return source;
    }

    /** What becomes of the pod that an instance has left is nothing to it either. */
    private boolean isPast(Pod pod, ResourceID instance) {
        return instances
                .find(pod.getMetadata().getNamespace(), instance.getName())
                .map(InstanceStatuses::of)
                .filter(status -> status.epoch() != null
                        && InstancePods.epochOf(pod.getMetadata().getName()) < status.epoch())
                .isPresent();
    }

    /** A copy that has become ready, or has gone, concerns all whom it serves or is going to serve. */
    private static <T extends HasMetadata> InformerEventSourceConfiguration<T> copies(
            Class<T> part, OnUpdateFilter<T> changes, IndexerResourceCache<FunctionInstance> instances) {
        return InformerEventSourceConfiguration.from(part, FunctionInstance.class)
                .withLabelSelector(Carovana.COPY_LABEL)
                .withOnUpdateFilter(changes)
                .withSecondaryToPrimaryMapper(
                        copy -> instances
                                .byIndex(
                                        BY_COPY,
                                        copy.getMetadata().getNamespace() + " "
                                                + copy.getMetadata().getName())
                                .stream()
                                .map(ResourceID::fromResource)
                                .collect(Collectors.toSet()))
                .build();
    }

    /** A function's change concerns all of its instances. */
    private SimpleInboundEventSource<FunctionInstance> functions(IndexerResourceCache<FunctionInstance> primary) {
        SimpleInboundEventSource<FunctionInstance> source = new SimpleInboundEventSource<>("functions");
        primary.addIndexer(
                BY_FUNCTION,
                i -> List.of(key(i.getMetadata().getNamespace(), i.getSpec().function())));
        functions.onChange((namespace, function) -> primary.byIndex(BY_FUNCTION, key(namespace, function))
                .forEach(i -> source.propagateEvent(ResourceID.fromResource(i))));
        return source;
    }

    private static String key(String namespace, FunctionRef function) {
        return namespace + " " + function.apiVersion() + " " + function.kind() + " " + function.name();
    }
}
