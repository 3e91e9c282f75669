// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.Retries;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Ends copies that have had no user for a while. */
@GradualRetry(maxAttempts = Retries.ALWAYS, initialInterval = Retries.FIRST_MILLIS, maxInterval = Retries.LAST_MILLIS)
@ControllerConfiguration(name = "copy", informer = @Informer(labelSelector = Carovana.COPY_LABEL))
public class CopyReconciler implements Reconciler<Service> {
    private static final Logger LOG = Logger.getLogger(CopyReconciler.class);

    private final Copies copies;
    private final InstanceCache instances;
    private final Duration grace;
    private final Clock clock = Clock.systemUTC();

    /** By uid; a controller that starts anew waits once more. */
    private final Map<String, Instant> unusedSince = new ConcurrentHashMap<>();

    CopyReconciler(Copies copies, InstanceCache instances, ControllerConfig config) {
        this.copies = copies;
        this.instances = instances;
        this.grace = config.copies().grace();
    }

    @Override
    public List<EventSource<?, Service>> prepareEventSources(EventSourceContext<Service> context) {
        SimpleInboundEventSource<Service> users = new SimpleInboundEventSource<>("instances");
        instances.onChange((was, now) -> Stream.of(was, now)
                .filter(Objects::nonNull)
                .flatMap(i -> Copies.neededBy(i)
                        .map(copy -> new ResourceID(copy, i.getMetadata().getNamespace())))
                .distinct()
                .forEach(users::propagateEvent));
        return List.of(users);
    }

    @Override
    public UpdateControl<Service> reconcile(Service copy, Context<Service> context) {
        String name = copy.getMetadata().getName();
        String uid = copy.getMetadata().getUid();
        if (instances.isNeeded(copy.getMetadata().getNamespace(), name)) {
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
