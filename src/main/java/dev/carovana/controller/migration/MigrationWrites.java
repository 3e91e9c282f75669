// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.MigrationCache;
import dev.carovana.controller.Statuses;
import dev.carovana.controller.WrittenHere;
import dev.carovana.controller.route.Routes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Writes migrations: gateways hear of it at once. Remembers what it wrote last, so that no step has to ask the server how a
 * migration is: users may be waiting for it. A write upon what is not so any more is refused by the server and made again.
 */
@ApplicationScoped
class MigrationWrites {
    private final KubernetesClient client;
    private final Routes routes;
    private final MigrationCache migrations;
    private final WrittenHere<Migration> written =
            new WrittenHere<>(m -> Long.parseLong(m.getMetadata().getResourceVersion()));

    MigrationWrites(KubernetesClient client, MigrationCache migrations, Routes routes) {
        this.client = client;
        this.migrations = migrations;
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
        String uid = watched.getMetadata().getUid();
        written.shown(uid, watched);
        return written.latest(uid, () -> Optional.of(watched)).orElse(watched);
    }

    /** It is being deleted. */
    void forget(Migration migration) {
        written.gone(migration.getMetadata().getUid());
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
        written.wrote(now.getMetadata().getUid(), now, Optional::empty);
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
            written.wrote(now.getMetadata().getUid(), now, Optional::empty);
        }
    }

    /** Whether there is one with this uid that has something left to do. */
    boolean isUnsettled(String uid) {
        return migrations
                .idOf(uid)
                .flatMap(id ->
                        Optional.ofNullable(resource(id.namespace(), id.name()).get()))
                .filter(m -> m.getMetadata().getUid().equals(uid) && !MigrationStatuses.isSettled(m))
                .isPresent();
    }

    private Resource<Migration> resource(Migration migration) {
        return resource(
                migration.getMetadata().getNamespace(), migration.getMetadata().getName());
    }

    private Resource<Migration> resource(String namespace, String name) {
        return client.resources(Migration.class).inNamespace(namespace).withName(name);
    }
}
