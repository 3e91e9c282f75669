// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the pods that wake a reconciler: which they are, and why they do not start if they do not. Reconcilers read
 * the pod that they act upon at the server, and thousands of whole pods would be most of the controller's memory.
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
                        .withStatus(pod.getStatus() == null ? null : trouble(pod.getStatus()))
                        .build());
    }

    /** Null for most. */
    private static @Nullable PodStatus trouble(PodStatus status) {
        List<ContainerStatus> waiting = status.getContainerStatuses().stream()
                .filter(c -> c.getState() != null && c.getState().getWaiting() != null)
                .toList();
        return waiting.isEmpty() && !"Failed".equals(status.getPhase())
                ? null
                : new PodStatusBuilder()
                        .withPhase(status.getPhase())
                        .withReason(status.getReason())
                        .withContainerStatuses(waiting)
                        .build();
    }

    /** As it was seen last; null if it was not seen yet, or is gone. */
    public @Nullable Pod find(String namespace, String name) {
        return get(namespace + "/" + name);
    }

    /** So that nobody takes what is kept for the pod. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
