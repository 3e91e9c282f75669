// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.link.v1.Claim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The PersistentVolumeClaims of a namespace of the agent's own cluster. */
record Claims(KubernetesClient client, String namespace) {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    /** Those that are there, and which pods have them beside one. */
    List<Claim> of(List<String> names, String except) {
        List<Pod> pods = client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(pod -> !pod.getMetadata().getName().equals(except)
                        && !ENDED.contains(pod.getStatus().getPhase()))
                .toList();
        return names.stream()
                .map(name -> client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName(name)
                        .get())
                .filter(Objects::nonNull)
                .map(claim -> of(claim, pods))
                .toList();
    }

    private Claim of(PersistentVolumeClaim claim, List<Pod> pods) {
        String name = claim.getMetadata().getName();
        boolean bound = "Bound".equals(claim.getStatus().getPhase());
        Map<String, Quantity> capacity = claim.getStatus().getCapacity();
        return Claim.newBuilder()
                .setName(name)
                .setBound(bound)
                .setAwaitsPod(!bound && awaitsPod(claim.getSpec().getStorageClassName()))
                .addAllAccessModes(
                        bound
                                ? claim.getStatus().getAccessModes()
                                : claim.getSpec().getAccessModes())
                .setCapacityBytes(
                        bound && capacity.containsKey("storage")
                                ? capacity.get("storage").getNumericalAmount().longValue()
                                : 0)
                .addAllUsedBy(pods.stream()
                        .filter(pod -> uses(pod, name))
                        .map(pod -> pod.getMetadata().getName())
                        .toList())
                .build();
    }

    private static boolean uses(Pod pod, String claim) {
        return pod.getSpec().getVolumes().stream()
                .anyMatch(volume -> volume.getPersistentVolumeClaim() != null
                        && volume.getPersistentVolumeClaim().getClaimName().equals(claim));
    }

    private boolean awaitsPod(String storageClass) {
        StorageClass found = storageClass == null || storageClass.isEmpty()
                ? null
                : client.storage().v1().storageClasses().withName(storageClass).get();
        return found != null && "WaitForFirstConsumer".equals(found.getVolumeBindingMode());
    }
}
