// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the migrations that wake other reconcilers than their own: what they ask for, where they stand, and
 * since when. Ten of each instance are kept at the server, and what was measured of them is most of them.
 */
public final class SlimMigrations extends BasicItemStore<Migration> {
    public SlimMigrations() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable Migration put(String key, Migration migration) {
        return super.put(key, slim(migration));
    }

    static Migration slim(Migration migration) {
        Migration kept = new Migration();
        kept.setMetadata(SlimMetadata.identity(migration.getMetadata())
                .withCreationTimestamp(migration.getMetadata().getCreationTimestamp())
                .withAnnotations(migration.getMetadata().getAnnotations())
                .build());
        kept.setSpec(migration.getSpec());
        kept.setStatus(migration.getStatus() == null ? null : slim(migration.getStatus()));
        return kept;
    }

    private static MigrationStatus slim(MigrationStatus s) {
        List<MigrationStatus.Transition> transitions = s.transitions();
        return new MigrationStatus(
                s.phase(),
                s.reason(),
                null,
                s.from(),
                s.epoch(),
                null,
                null,
                null,
                s.destinationPod(),
                null,
                null,
                transitions == null || transitions.isEmpty() ? transitions : List.of(transitions.getLast()),
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
