// SPDX-License-Identifier: Apache-2.0
package dev.carovana.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;

/**
 * A volume with a PersistentVolumeClaim, where one of the containers that run for as long as their pod has it.
 *
 * @param volume its name in the pod
 * @param claim the PersistentVolumeClaim's name
 * @param path in the container
 * @param whole whether all of the volume is mounted there, not a {@code subPath}
 * @param readOnly whether the container cannot write there
 */
public record ClaimMount(String volume, String claim, String container, String path, boolean whole, boolean readOnly) {

    /** All of a pod. */
    public static List<ClaimMount> of(PodSpec spec) {
        List<ClaimMount> all = new ArrayList<>();
        for (Container container : PodContainers.of(spec)) {
            for (VolumeMount mount : container.getVolumeMounts()) {
                spec.getVolumes().stream()
                        .filter(volume ->
                                volume.getName().equals(mount.getName()) && volume.getPersistentVolumeClaim() != null)
                        .map(volume -> of(container, mount, volume.getPersistentVolumeClaim()))
                        .forEach(all::add);
            }
        }
        return List.copyOf(all);
    }

    private static ClaimMount of(Container container, VolumeMount mount, PersistentVolumeClaimVolumeSource claim) {
        return new ClaimMount(
                mount.getName(),
                claim.getClaimName(),
                container.getName(),
                mount.getMountPath(),
                mount.getSubPath() == null && mount.getSubPathExpr() == null,
                Boolean.TRUE.equals(mount.getReadOnly()) || Boolean.TRUE.equals(claim.getReadOnly()));
    }

    /** Whether a path in the container is of it. */
    public boolean has(String file) {
        String folder = path.endsWith("/") ? path : path + "/";
        return file.startsWith(folder) || file.equals(path);
    }
}
