// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import org.jspecify.annotations.Nullable;

/** What is kept of migrations, of which each instance has its last ten: what {@link Move} tells. */
final class SlimMigrations extends BasicItemStore<Migration> {
    SlimMigrations() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable Migration put(String key, Migration migration) {
        Migration slim = new Migration();
        slim.setMetadata(new ObjectMetaBuilder()
                .withNamespace(migration.getMetadata().getNamespace())
                .withName(migration.getMetadata().getName())
                .withUid(migration.getMetadata().getUid())
                .withResourceVersion(migration.getMetadata().getResourceVersion())
                .build());
        slim.setSpec(migration.getSpec());
        slim.setStatus(migration.getStatus() == null ? null : slim(migration.getStatus()));
        return super.put(key, slim);
    }

    private static MigrationStatus slim(MigrationStatus s) {
        return new MigrationStatus(
                s.phase(),
                null,
                null,
                null,
                s.epoch(),
                null,
                null,
                null,
                s.destinationPod(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** So that nobody takes what is kept for the migration. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
