// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.instance.Moves;
import dev.carovana.link.Gateways;
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
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Writes on instances that end when nobody calls them when they were called last. */
@ApplicationScoped
class LastCalls {
    private static final Logger LOG = Logger.getLogger(LastCalls.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final CarovanaConfig config;
    private final Moves moves;
    private final InstanceCache instances;
    private final FunctionFollower functions;
    private final Gateways gateways;
    private final Clock clock = Clock.systemUTC();
    private final CallTimes times = new CallTimes();
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("last-calls").daemon().factory());

    LastCalls(
            CarovanaConfig config,
            Moves moves,
            InstanceCache instances,
            FunctionFollower functions,
            Gateways gateways) {
        this.config = config;
        this.moves = moves;
        this.instances = instances;
        this.functions = functions;
        this.gateways = gateways;
    }

    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.role() != Role.CONTROLLER) {
            return;
        }
        gateways.listen(new Gateways.Listener() {
            @Override
            public void calls(Gateways.Gateway gateway, Calls calls) {
                calls.getInstancesList().forEach(LastCalls.this::called);
            }
        });
        writer.scheduleWithFixedDelay(this::write, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        writer.shutdownNow();
    }

    private void called(InstanceCalls calls) {
        if (calls.getLastCallMillis() > 0) {
            idleTimeout(calls.getNamespace(), calls.getInstance())
                    .ifPresent(timeout -> times.called(
                            new CallTimes.Key(calls.getNamespace(), calls.getInstance()),
                            Instant.ofEpochMilli(calls.getLastCallMillis()),
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

    private void write() {
        times.due(clock.instant()).forEach((instance, at) -> {
            try {
                instances
                        .find(instance.namespace(), instance.name())
                        .ifPresent(found -> moves.rememberAnyhow(found, Map.of(IdleTime.LAST_CALL, at.toString())));
            } catch (KubernetesClientException e) {
                if (e.getCode() != 404) {
                    LOG.warnf("annotation %s of %s: %s", IdleTime.LAST_CALL, instance, e.getMessage());
                }
            }
        });
    }
}
