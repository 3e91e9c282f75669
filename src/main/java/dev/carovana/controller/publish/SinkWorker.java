// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.publish;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.publish.MigrationEvents.Event;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings events to one sink, one after the other, in a thread of its own: a sink that is down holds up nobody else. That
 * an event was taken is written on its Migration; the queue is only what has to be looked at.
 */
final class SinkWorker implements Runnable {
    private static final Logger LOG = Logger.getLogger(SinkWorker.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration ROUTE_PAUSE = Duration.ofMillis(100);

    private final KubernetesClient client;
    private final MeterRegistry registry;
    private final Sink sink;
    private final boolean userIds;
    private final Map<String, Migration> queue = new LinkedHashMap<>();
    private Duration pause = FIRST_PAUSE;

    SinkWorker(KubernetesClient client, MeterRegistry registry, Sink sink, boolean userIds) {
        this.client = client;
        this.registry = registry;
        this.sink = sink;
        this.userIds = userIds;
    }

    /** Has a look at a migration soon. */
    void offer(Migration migration) {
        if (MigrationEvents.of(migration, null).isPresent() && !isTold(migration)) {
            synchronized (queue) {
                queue.put(migration.getMetadata().getUid(), migration);
                queue.notifyAll();
            }
        }
    }

    @Override
    public void run() {
        try {
            while (true) {
                Migration migration = take();
                try {
                    if (!isSwitched(migration)) {
                        again(migration, ROUTE_PAUSE);
                    } else {
                        tell(migration);
                        pause = FIRST_PAUSE;
                    }
                } catch (IOException | RuntimeException e) {
                    LOG.warnf(
                            "migration=%s sink=%s: not told, tried again in %d s: %s",
                            migration.getMetadata().getName(), sink.host(), pause.toSeconds(), e.toString());
                    count("Failed");
                    again(migration, pause);
                    Duration longer = pause.multipliedBy(2);
                    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the controller ends
        }
    }

    private Migration take() throws InterruptedException {
        synchronized (queue) {
            while (queue.isEmpty()) {
                queue.wait();
            }
            Iterator<Migration> waiting = queue.values().iterator();
            Migration first = waiting.next();
            waiting.remove();
            return first;
        }
    }

    /** Behind all others, so that one that the sink does not like does not hold them up for good. */
    private void again(Migration migration, Duration after) throws InterruptedException {
        Thread.sleep(after);
        synchronized (queue) {
            queue.putIfAbsent(migration.getMetadata().getUid(), migration);
        }
    }

    /** Who is told that an instance has moved must find it where it is. */
    private boolean isSwitched(Migration migration) {
        FunctionInstance instance = instance(migration);
        return Objects.requireNonNull(migration.getStatus()).phase() != MigrationPhase.Succeeded
                || instance == null
                || instance.getStatus() == null
                || !migration
                        .getMetadata()
                        .getName()
                        .equals(instance.getStatus().migration());
    }

    private void tell(Migration offered) throws IOException, InterruptedException {
        Migration found = client.resource(offered).get();
        boolean exists = found != null
                && found.getMetadata().getUid().equals(offered.getMetadata().getUid());
        // one that was deleted meanwhile is told as it was last seen
        Migration migration = exists ? Objects.requireNonNull(found) : offered;
        if (isTold(migration)) {
            return;
        }
        FunctionInstance instance = userIds ? instance(migration) : null;
        Event event = MigrationEvents.of(
                        migration, instance == null ? null : instance.getSpec().user())
                .orElseThrow();
        sink.send(client.getKubernetesSerialization().asJson(event));
        count("Delivered");
        if (exists) {
            remember(migration, event);
        }
    }

    private void remember(Migration migration, Event event) {
        Map<String, Object> patch = Map.of("metadata", Map.of("annotations", Map.of(sink.annotation(), event.id())));
        try {
            client.resource(migration)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            client.getKubernetesSerialization().asJson(patch));
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e; // the sink gets it again, with the same id
            }
        }
    }

    private boolean isTold(Migration migration) {
        Map<String, String> annotations = migration.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(sink.annotation());
    }

    private @Nullable FunctionInstance instance(Migration migration) {
        return client.resources(FunctionInstance.class)
                .inNamespace(migration.getMetadata().getNamespace())
                .withName(migration.getSpec().instance())
                .get();
    }

    private void count(String result) {
        registry.counter("carovana.sink.events", "sink", sink.host(), "result", result)
                .increment();
    }
}
