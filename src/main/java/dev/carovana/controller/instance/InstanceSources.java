// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.Pages;
import dev.carovana.controller.SlimMigrations;
import dev.carovana.controller.SlimPods;
import dev.carovana.controller.copy.Copies;
import dev.carovana.controller.copy.DeploymentCopies;
import dev.carovana.controller.function.FunctionWatch;
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
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What makes an instance be looked at again: its pods, its migrations, its function, and the copies that serve it. */
final class InstanceSources {
    private static final String BY_FUNCTION = "function";
    private static final String BY_COPY = "copy";

    private InstanceSources() {}

    static List<EventSource<?, FunctionInstance>> of(
            EventSourceContext<FunctionInstance> context, FunctionWatch functions) {
        var pods = InformerEventSourceConfiguration.from(Pod.class, FunctionInstance.class)
                .withLabelSelector(Carovana.INSTANCE_LABEL)
                .withItemStore(new SlimPods())
                .withInformerListLimit(Pages.OBJECTS)
                .withOnUpdateFilter(SlimPods::looksOtherwise)
                .withSecondaryToPrimaryMapper(pod -> Set.of(new ResourceID(
                        pod.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL),
                        pod.getMetadata().getNamespace())))
                .build();
        var moves = InformerEventSourceConfiguration.from(Migration.class, FunctionInstance.class)
                .withItemStore(new SlimMigrations())
                .withInformerListLimit(Pages.OBJECTS)
                // the instance has nothing to do before it is over, or gone
                .withOnAddFilter(migration -> !MigrationRequests.isActive(migration))
                .withOnUpdateFilter((now, before) -> !MigrationRequests.isActive(now))
                .withSecondaryToPrimaryMapper(migration -> Set.of(new ResourceID(
                        migration.getSpec().instance(), migration.getMetadata().getNamespace())))
                .build();
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
                new InformerEventSource<>(pods, context),
                new InformerEventSource<>(moves, context),
                new InformerEventSource<>(deployments, context),
                new InformerEventSource<>(services, context),
                functions(context.getPrimaryCache(), functions));
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
    private static SimpleInboundEventSource<FunctionInstance> functions(
            IndexerResourceCache<FunctionInstance> instances, FunctionWatch functions) {
        SimpleInboundEventSource<FunctionInstance> source = new SimpleInboundEventSource<>("functions");
        instances.addIndexer(
                BY_FUNCTION,
                i -> List.of(key(i.getMetadata().getNamespace(), i.getSpec().function())));
        functions.onChange((namespace, function) -> instances
                .byIndex(BY_FUNCTION, key(namespace, function))
                .forEach(i -> source.propagateEvent(ResourceID.fromResource(i))));
        return source;
    }

    private static String key(String namespace, FunctionRef function) {
        return namespace + " " + function.apiVersion() + " " + function.kind() + " " + function.name();
    }
}
