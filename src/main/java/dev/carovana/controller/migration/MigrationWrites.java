// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.Statuses;
import dev.carovana.controller.route.Routes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads migrations at the server, and writes them: gateways hear of it at once. */
@ApplicationScoped
class MigrationWrites {
    private final KubernetesClient client;
    private final Routes routes;

    MigrationWrites(KubernetesClient client, Routes routes) {
        this.client = client;
        this.routes = routes;
    }

    /** As it is now; null if it does not exist. */
    @Nullable
    Migration fresh(Migration migration) {
        return resource(migration).get();
    }

    /** As it is now, or as it was before it went. */
    Migration reread(Migration migration) {
        return Objects.requireNonNullElse(fresh(migration), migration);
    }

    /** Changes the status; {@code change} may be called several times. */
    Migration change(Migration old, UnaryOperator<MigrationStatus> change) {
        Migration now = Statuses.update(
                        client, resource(old), old, migration -> change.apply(MigrationStatuses.of(migration)))
                .orElse(old);
        routes.wrote(now);
        return now;
    }

    /** A migration that somebody made by hand goes when its instance goes. */
    void adopt(Migration migration, FunctionInstance instance) {
        if (migration.getMetadata().getOwnerReferences().isEmpty()) {
            resource(migration).edit(m -> {
                m.addOwnerReference(instance);
                return m;
            });
        }
    }

    /** Whether there is one with this uid that has something left to do. */
    boolean isUnsettled(String uid) {
        return client.resources(Migration.class).inAnyNamespace().list().getItems().stream()
                .anyMatch(m -> m.getMetadata().getUid().equals(uid) && !MigrationStatuses.isSettled(m));
    }

    private Resource<Migration> resource(Migration migration) {
        return client.resources(Migration.class)
                .inNamespace(migration.getMetadata().getNamespace())
                .withName(migration.getMetadata().getName());
    }
}
