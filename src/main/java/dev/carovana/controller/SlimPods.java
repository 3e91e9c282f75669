// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the pods that wake a reconciler: which they are. Reconcilers read the pod that they act upon at the
 * server, and thousands of whole pods would be most of the controller's memory.
 */
public final class SlimPods extends BasicItemStore<Pod> {
    public SlimPods() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable Pod put(String key, Pod pod) {
        return super.put(
                key,
                new PodBuilder()
                        .withMetadata(new ObjectMetaBuilder()
                                .withNamespace(pod.getMetadata().getNamespace())
                                .withName(pod.getMetadata().getName())
                                .withUid(pod.getMetadata().getUid())
                                .withResourceVersion(pod.getMetadata().getResourceVersion())
                                .withGeneration(pod.getMetadata().getGeneration())
                                .withLabels(pod.getMetadata().getLabels())
                                .build())
                        .build());
    }

    /** So that nobody takes what is kept for the pod. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
