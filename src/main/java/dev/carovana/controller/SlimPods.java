// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.kubernetes.PodContainers;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the pods that wake a reconciler: which they are, their address, and why they do not start if they do
 * not. Reconcilers read the pod that they act upon at the server, and thousands of whole pods would be most of the
 * controller's memory.
 */
public final class SlimPods extends BasicItemStore<Pod> {
    public SlimPods() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable Pod put(String key, Pod pod) {
        return super.put(key, new Kept(pod));
    }

    /** With a number in place of what {@link #looksOtherwise} compares: thousands are kept. */
    private static final class Kept extends Pod {
        private static final long serialVersionUID = 1;

        private final int looks;
        private final @Nullable String address;

        Kept(Pod pod) {
            setMetadata(SlimMetadata.identity(pod.getMetadata())
                    .withLabels(pod.getMetadata().getLabels())
                    .build());
            setStatus(pod.getStatus() == null ? null : trouble(pod.getStatus()));
            looks = SlimPods.looks(pod);
            address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        }
    }

    /**
     * Whether a pod looks otherwise than it did, to those who follow its instance. Most of a pod's updates are of
     * something else: a probe's time, an annotation, who wrote what.
     *
     * @param before as it is kept
     */
    public static boolean looksOtherwise(Pod now, Pod before) {
        return !(before instanceof Kept kept) || kept.looks != looks(now);
    }

    private static int looks(Pod pod) {
        PodStatus status = Objects.requireNonNullElseGet(pod.getStatus(), PodStatus::new);
        return Objects.hash(
                pod.getMetadata().getDeletionTimestamp(),
                pod.getSpec().getNodeName(),
                status.getPhase(),
                status.getReason(),
                status.getPodIP(),
                status.getConditions().stream()
                        .filter(c -> c.getType().equals("ContainersReady"))
                        .map(PodCondition::getStatus)
                        .toList(),
                PodContainers.allStatuses(status)
                        .map(ContainerStatus::getRestartCount)
                        .toList());
    }

    /** Null for most. */
    private static @Nullable PodStatus trouble(PodStatus status) {
        List<ContainerStatus> waiting = PodContainers.allStatuses(status)
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

    /** As it was seen last; empty if the pod has none yet, was not seen yet, or is gone. */
    public String address(String namespace, String name) {
        return find(namespace, name) instanceof Kept kept ? Objects.requireNonNullElse(kept.address, "") : "";
    }

    /** So that nobody takes what is kept for the pod. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
