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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * Writes migrations: gateways hear of it at once. Remembers what it wrote last, so that no step has to ask the server how a
 * migration is: users may be waiting for it. A write upon what is not so any more is refused by the server and made again.
 */
@ApplicationScoped
class MigrationWrites {
    private final KubernetesClient client;
    private final Routes routes;
    private final Map<String, Migration> written = new ConcurrentHashMap<>();

    MigrationWrites(KubernetesClient client, Routes routes) {
        this.client = client;
        this.routes = routes;
    }

    /** There is no such migration any more, although it was not brought to its end: somebody has taken its finalizer. */
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1;

        Gone(Migration migration) {
            super("migration " + migration.getMetadata().getName() + " does not exist any more");
        }
    }

    /** What was written last, until the watch shows that or something later. */
    Migration latest(Migration watched) {
        Migration own = written.computeIfPresent(
                watched.getMetadata().getUid(), (uid, last) -> version(last) > version(watched) ? last : null);
        return own == null ? watched : own;
    }

    private static long version(Migration migration) {
        return Long.parseLong(migration.getMetadata().getResourceVersion());
    }

    /** It is being deleted. */
    void forget(Migration migration) {
        written.remove(migration.getMetadata().getUid());
    }

    /**
     * Changes the status; {@code change} may be called several times.
     *
     * @throws Gone if it does not exist
     */
    Migration change(Migration old, UnaryOperator<MigrationStatus> change) {
        Migration now = Statuses.update(
                        client, resource(old), copy(old), migration -> change.apply(MigrationStatuses.of(migration)))
                .orElseThrow(() -> new Gone(old));
        written.put(now.getMetadata().getUid(), now);
        routes.wrote(now);
        return now;
    }

    /** A write that fails leaves what is remembered as it was. */
    private static Migration copy(Migration migration) {
        Migration copy = new Migration();
        copy.setMetadata(migration.getMetadata());
        copy.setSpec(migration.getSpec());
        copy.setStatus(migration.getStatus());
        return copy;
    }

    /** A migration that somebody made by hand goes when its instance goes. */
    void adopt(Migration migration, FunctionInstance instance) {
        if (migration.getMetadata().getOwnerReferences().isEmpty()) {
            Migration now = resource(migration).edit(m -> {
                m.addOwnerReference(instance);
                return m;
            });
            written.put(now.getMetadata().getUid(), now);
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
