// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.controller.function.Functions;
import dev.carovana.controller.instance.InstancePods;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a pod must not have to be moved, seen from its spec. Pure. */
final class PodRules {
    private PodRules() {}

    /** Every reason that speaks against moving the pod; each names the field, the value and what was expected. */
    static List<Reason> check(Pod pod) {
        List<Reason> reasons = new ArrayList<>();
        PodSpec spec = pod.getSpec();
        refuseTrue(reasons, "HostNetwork", "spec.hostNetwork", spec.getHostNetwork());
        refuseTrue(reasons, "HostPID", "spec.hostPID", spec.getHostPID());
        refuseTrue(reasons, "HostIPC", "spec.hostIPC", spec.getHostIPC());
        refuseTrue(reasons, "ShareProcessNamespace", "spec.shareProcessNamespace", spec.getShareProcessNamespace());
        if (Boolean.FALSE.equals(spec.getHostUsers())) {
            reasons.add(new Reason("HostUsers", Functions.HOST_USERS));
        }
        for (Volume volume : spec.getVolumes()) {
            checkVolume(reasons, volume);
        }
        for (Container container : PodContainers.of(spec)) {
            checkContainer(reasons, pod, container);
            checkSubPaths(reasons, spec, container);
        }
        return reasons;
    }

    private static String field(Container container) {
        return (PodContainers.isSidecar(container) ? "initContainers[" : "containers[") + container.getName() + "]";
    }

    /** Another path in the next pod would be another folder of the volume. */
    private static void checkSubPaths(List<Reason> reasons, PodSpec spec, Container container) {
        Set<String> volumes = spec.getVolumes().stream()
                .filter(volume -> volume.getEmptyDir() != null || volume.getPersistentVolumeClaim() != null)
                .map(Volume::getName)
                .collect(Collectors.toSet());
        for (VolumeMount mount : container.getVolumeMounts()) {
            if (mount.getSubPathExpr() == null || !volumes.contains(mount.getName())) {
                continue;
            }
            for (EnvVar variable : container.getEnv()) {
                if (mount.getSubPathExpr().contains("$(" + variable.getName() + ")") && isOfOnePod(variable)) {
                    reasons.add(new Reason(
                            "SubPathExpr",
                            field(container) + ".volumeMounts[" + mount.getMountPath() + "].subPathExpr is '"
                                    + mount.getSubPathExpr() + "', and " + variable.getName()
                                    + " is another one in each pod, expected a path that stays the same"));
                }
            }
        }
    }

    private static boolean isOfOnePod(EnvVar variable) {
        String path = variable.getValueFrom() == null || variable.getValueFrom().getFieldRef() == null
                ? ""
                : variable.getValueFrom().getFieldRef().getFieldPath();
        return Set.of("metadata.name", "metadata.uid", "spec.nodeName").contains(path) || path.startsWith("status.");
    }

    private static void checkContainer(List<Reason> reasons, Pod pod, Container container) {
        String field = field(container);
        refuseTrue(reasons, "Tty", field + ".tty", container.getTty());
        refuseTrue(reasons, "Stdin", field + ".stdin", container.getStdin());
        if (!container.getVolumeDevices().isEmpty()) {
            reasons.add(new Reason(
                    "VolumeDevice", field + ".volumeDevices is set, expected none: block devices do not move"));
        }
        if (container.getSecurityContext() != null
                && Boolean.TRUE.equals(container.getSecurityContext().getPrivileged())) {
            reasons.add(new Reason("Privileged", field + ".securityContext.privileged is true, expected false"));
        }
        boolean running = PodContainers.allStatuses(pod.getStatus())
                .filter(s -> s.getName().equals(container.getName()))
                .map(ContainerStatus::getState)
                .anyMatch(s -> s != null && s.getRunning() != null);
        if (!running) {
            reasons.add(new Reason("ContainerNotRunning", field + " is not running"));
        } else if (InstancePods.imageOf(pod, container.getName()).isEmpty()) {
            reasons.add(new Reason(
                    "ImageDigest",
                    field + ".image '" + container.getImage()
                            + "' was not pulled from a registry: the destination cannot pull the same digest"));
        }
    }

    private static void checkVolume(List<Reason> reasons, Volume volume) {
        String field = "spec.volumes[" + volume.getName() + "]";
        boolean moves = volume.getConfigMap() != null
                || volume.getSecret() != null
                || volume.getEmptyDir() != null
                || volume.getDownwardAPI() != null
                || volume.getProjected() != null
                || volume.getPersistentVolumeClaim() != null; // see ClaimRules
        if (volume.getHostPath() != null) {
            reasons.add(new Reason(
                    "HostPath", field + " is a hostPath: what it shows is the node's own and does not move"));
        } else if (!moves) {
            reasons.add(new Reason(
                    "Volume",
                    field
                            + " expected to be a configMap, secret, emptyDir, downwardAPI, projected or"
                            + " persistentVolumeClaim volume"));
        }
    }

    private static void refuseTrue(List<Reason> reasons, String code, String field, @Nullable Boolean value) {
        if (Boolean.TRUE.equals(value)) {
            reasons.add(new Reason(code, field + " is true, expected false"));
        }
    }
}
