// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.controller.ControllerConfig;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Ends copies that have had no user for a while. */
@ControllerConfiguration(name = "copy", informer = @Informer(labelSelector = Carovana.COPY_LABEL))
public class CopyReconciler implements Reconciler<Service> {
    private static final Logger LOG = Logger.getLogger(CopyReconciler.class);

    private final Copies copies;
    private final Duration grace;
    private final Clock clock = Clock.systemUTC();

    /** By uid; a controller that starts anew waits once more. */
    private final Map<String, Instant> unusedSince = new ConcurrentHashMap<>();

    CopyReconciler(Copies copies, ControllerConfig config) {
        this.copies = copies;
        this.grace = config.copies().grace();
    }

    @Override
    public List<EventSource<?, Service>> prepareEventSources(EventSourceContext<Service> context) {
        var users = InformerEventSourceConfiguration.from(FunctionInstance.class, Service.class)
                .withSecondaryToPrimaryMapper(instance -> Copies.neededBy(instance)
                        .map(name -> new ResourceID(name, instance.getMetadata().getNamespace()))
                        .collect(Collectors.toSet()))
                .build();
        return List.of(new InformerEventSource<>(users, context));
    }

    @Override
    public UpdateControl<Service> reconcile(Service copy, Context<Service> context) {
        String name = copy.getMetadata().getName();
        String uid = copy.getMetadata().getUid();
        Set<FunctionInstance> users = context.getSecondaryResources(FunctionInstance.class);
        if (users.stream().flatMap(Copies::neededBy).anyMatch(name::equals)) {
            unusedSince.remove(uid);
            return UpdateControl.<Service>noUpdate().rescheduleAfter(grace);
        }
        Instant now = clock.instant();
        Instant since = unusedSince.computeIfAbsent(uid, u -> now);
        Duration left = Duration.between(now, since.plus(grace));
        if (left.isPositive()) {
            return UpdateControl.<Service>noUpdate().rescheduleAfter(left);
        }
        unusedSince.remove(uid);
        LOG.infof("copy %s/%s ends: no user for %s", copy.getMetadata().getNamespace(), name, grace);
        copies.end(copy);
        return UpdateControl.noUpdate();
    }
}
