// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.instance.KnownCalls;
import dev.carovana.controller.instance.Moves;
import dev.carovana.link.Gateways;
import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.Calls;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.model.IdleTime;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writes on instances that end when nobody calls them when they were called last. */
@ApplicationScoped
class LastCalls implements KnownCalls {
    private static final Logger LOG = Logger.getLogger(LastCalls.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final CarovanaConfig config;
    private final Moves moves;
    private final InstanceCache instances;
    private final FunctionFollower functions;
    private final Gateways gateways;
    private final GatewayDrains drains;
    private final Clock clock = Clock.systemUTC();
    private final CallTimes times = new CallTimes();
    private final CallReporters reporters = new CallReporters();
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("last-calls").daemon().factory());

    LastCalls(
            CarovanaConfig config,
            Moves moves,
            InstanceCache instances,
            FunctionFollower functions,
            Gateways gateways,
            GatewayDrains drains) {
        this.config = config;
        this.moves = moves;
        this.instances = instances;
        this.functions = functions;
        this.gateways = gateways;
        this.drains = drains;
    }

    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.role() != Role.CONTROLLER) {
            return;
        }
        gateways.listen(new Gateways.Listener() {
            @Override
            public void calls(Gateway gateway, Calls calls) {
                calls.getInstancesList().forEach(LastCalls.this::called);
                reporters.reported(gateway.id(), clock.instant());
            }

            @Override
            public void gone(Gateway gateway) {
                reporters.gone(gateway.id(), clock.instant());
            }
        });
        writer.scheduleWithFixedDelay(this::write, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        writer.shutdownNow();
    }

    private void called(InstanceCalls calls) {
        if (calls.hasLastCallAgeMillis()) {
            idleTimeout(calls.getNamespace(), calls.getInstance())
                    .ifPresent(timeout -> times.called(
                            new CallTimes.Key(calls.getNamespace(), calls.getInstance()),
                            clock.instant().minusMillis(calls.getLastCallAgeMillis()),
                            timeout));
        }
    }

    private Optional<Duration> idleTimeout(String namespace, String instance) {
        return instances
                .find(namespace, instance)
                .flatMap(i -> functions
                        .table()
                        .find(namespace, i.getSpec().function().name())
                        .filter(f -> f.reference().equals(i.getSpec().function())))
                .map(f -> f.contract().idleTimeout());
    }

    @Override
    public Optional<Instant> last(String namespace, String instance) {
        return times.last(new CallTimes.Key(namespace, instance));
    }

    @Override
    public Instant heardSince(String site) {
        return reporters.heardSince(site, drains.openSince());
    }

    @Override
    public boolean allHaveReported(String site, Instant since) {
        return gateways.at(site).stream().allMatch(gateway -> reporters.hasReported(gateway.id(), since));
    }

    private void write() {
        times.due(clock.instant()).forEach((key, at) -> instances
                .find(key.namespace(), key.name())
                .filter(found -> IdleTime.isLater(at, annotation(found)))
                .ifPresent(found -> write(key, found, at)));
    }

    private static @Nullable String annotation(FunctionInstance instance) {
        return Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.<String, String>of())
                .get(IdleTime.LAST_CALL);
    }

    /** It stays due if it fails: without it the instance would be removed. */
    private void write(CallTimes.Key key, FunctionInstance instance, Instant at) {
        try {
            moves.remember(instance, Map.of(IdleTime.LAST_CALL, at.toString()));
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return;
            }
            times.failed(key);
            if (e.getCode() != 409) {
                LOG.warnf("annotation %s of %s: %s", IdleTime.LAST_CALL, key, e.getMessage());
            }
        }
    }
}
