// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.kubernetes.ClaimMount;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;

/**
 * The volumes with a claim that a pod has. Some are sent, all others are shared by both sites (docs/adr/0038).
 *
 * @param sent names of volumes
 * @param instance whose pod it is; empty if it does not say so
 */
public record PodVolumes(List<ClaimMount> mounts, List<String> sent, String instance) {
    public static final PodVolumes NONE = new PodVolumes(List.of(), List.of(), "");

    public static PodVolumes of(Pod pod, List<String> sent) {
        return new PodVolumes(
                ClaimMount.of(pod.getSpec()),
                List.copyOf(sent),
                Optional.ofNullable(pod.getMetadata().getLabels())
                        .map(labels -> labels.get(Carovana.INSTANCE_LABEL))
                        .orElse(""));
    }

    /** Of a destination pod, which says itself what is sent to it. */
    public static PodVolumes ofDestination(Pod pod) {
        return of(
                pod,
                Optional.ofNullable(pod.getMetadata().getAnnotations())
                        .map(annotations -> annotations.get(Carovana.SENT_VOLUMES_ANNOTATION))
                        .map(names -> List.of(names.split(",")))
                        .orElse(List.of()));
    }

    /** One for each volume that is sent: its content is the same in every container. */
    public List<ClaimMount> ofSent() {
        return sent.stream()
                .flatMap(volume -> mounts.stream()
                        .filter(mount -> mount.volume().equals(volume))
                        .limit(1))
                .toList();
    }

    public List<ClaimMount> ofShared() {
        return mounts.stream().filter(mount -> !sent.contains(mount.volume())).toList();
    }
}
