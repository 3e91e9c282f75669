// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.publish;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.kubernetes.Informers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Watches migrations for the sinks, in the controller, if there are any sinks. */
@ApplicationScoped
class Publisher {
    private final CarovanaConfig role;
    private final ControllerConfig config;
    private final KubernetesClient client;
    private final MeterRegistry registry;
    private final List<SinkWorker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable SharedIndexInformer<Migration> informer;

    Publisher(CarovanaConfig role, ControllerConfig config, KubernetesClient client, MeterRegistry registry) {
        this.role = role;
        this.config = config;
        this.client = client;
        this.registry = registry;
    }

    void start(@Observes StartupEvent event) {
        List<URI> urls = config.sinks().urls().orElse(List.of());
        if (role.role() != Role.CONTROLLER || urls.isEmpty()) {
            return;
        }
        for (URI url : urls) {
            Sink sink = new Sink(url, config.sinks().tokenFile());
            SinkWorker worker =
                    new SinkWorker(client, registry, sink, config.sinks().userIds());
            workers.add(worker);
            threads.add(Thread.ofPlatform().daemon().name("sink " + sink.host()).start(worker));
        }
        // what was not told before a restart comes with the informer's first list
        informer = client.resources(Migration.class)
                .inAnyNamespace()
                .runnableInformer(0)
                .addEventHandler(new Offer());
        Informers.start(informer);
    }

    void stop(@Observes ShutdownEvent event) {
        if (informer != null) {
            informer.close();
        }
        threads.forEach(Thread::interrupt);
    }

    private final class Offer implements ResourceEventHandler<Migration> {
        @Override
        public void onAdd(Migration migration) {
            workers.forEach(worker -> worker.offer(migration));
        }

        @Override
        public void onUpdate(Migration before, Migration migration) {
            onAdd(migration);
        }

        @Override
        public void onDelete(Migration migration, boolean unknown) {
            onAdd(migration);
        }
    }
}
