// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.MigrationCache;
import dev.carovana.controller.Statuses;
import dev.carovana.link.Gateways;
import dev.carovana.link.v1.Calls;
import dev.carovana.link.v1.Held;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/** Adds up how many calls have waited for each migration. Gateways say so when it may be over already. */
@ApplicationScoped
class HeldCalls {
    private static final Logger LOG = Logger.getLogger(HeldCalls.class);

    private final CarovanaConfig config;
    private final KubernetesClient client;
    private final Gateways gateways;
    private final MigrationCache migrations;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("held-calls").daemon().factory());

    HeldCalls(CarovanaConfig config, KubernetesClient client, Gateways gateways, MigrationCache migrations) {
        this.config = config;
        this.client = client;
        this.gateways = gateways;
        this.migrations = migrations;
    }

    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            gateways.listen(new Gateways.Listener() {
                @Override
                public void calls(Gateways.Gateway gateway, Calls calls) {
                    List<Held> held = calls.getInstancesList().stream()
                            .flatMap(instance -> instance.getHeldList().stream())
                            .filter(h -> h.getCalls() > 0)
                            .toList();
                    if (!held.isEmpty()) {
                        writer.execute(() -> held.forEach(HeldCalls.this::add));
                    }
                }
            });
        }
    }

    private void add(Held held) {
        try {
            migrations
                    .idOf(held.getHold())
                    .ifPresent(id -> Statuses.update(
                            client,
                            client.resources(Migration.class)
                                    .inNamespace(id.namespace())
                                    .withName(id.name()),
                            m -> MigrationStatuses.held(MigrationStatuses.of(m), held.getCalls())));
        } catch (KubernetesClientException e) {
            LOG.warnf(
                    "%d calls held for migration %s are not in its status: %s",
                    held.getCalls(), held.getHold(), e.getMessage());
        }
    }
}
