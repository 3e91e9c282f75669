// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of instances in memory: all but their conditions, which are half of them, and their owners. Several
 * caches hold thousands; whoever acts upon conditions reads the instance at the server.
 */
public final class SlimInstances extends BasicItemStore<FunctionInstance> {
    public SlimInstances() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable FunctionInstance put(String key, FunctionInstance instance) {
        return super.put(key, slim(instance));
    }

    static FunctionInstance slim(FunctionInstance instance) {
        FunctionInstance kept = new FunctionInstance();
        kept.setMetadata(metadata(instance.getMetadata()));
        kept.setSpec(instance.getSpec());
        kept.setStatus(instance.getStatus() == null ? null : withoutConditions(instance.getStatus()));
        return kept;
    }

    private static ObjectMeta metadata(ObjectMeta metadata) {
        return SlimMetadata.identity(metadata)
                .withCreationTimestamp(metadata.getCreationTimestamp())
                .withDeletionTimestamp(metadata.getDeletionTimestamp())
                .withFinalizers(metadata.getFinalizers())
                .withAnnotations(metadata.getAnnotations())
                .build();
    }

    private static FunctionInstanceStatus withoutConditions(FunctionInstanceStatus s) {
        return new FunctionInstanceStatus(
                s.observedGeneration(),
                s.phase(),
                s.site(),
                s.node(),
                s.podName(),
                s.podUid(),
                s.epoch(),
                s.copy(),
                s.address(),
                s.siteAddress(),
                s.migration(),
                s.lastMigration(),
                null);
    }

    /** So that nobody takes what is kept for the instance. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
