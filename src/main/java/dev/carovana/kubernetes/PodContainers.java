// SPDX-License-Identifier: Apache-2.0
package dev.carovana.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The containers that run for as long as their pod does, sidecars among them. Pure. */
public final class PodContainers {
    private PodContainers() {}

    /** Whether an init container stays beside the others, instead of ending before they start. */
    public static boolean isSidecar(Container init) {
        return "Always".equals(init.getRestartPolicy());
    }

    /** In the order in which they are started. */
    public static List<Container> of(PodSpec spec) {
        return Stream.concat(
                        spec.getInitContainers().stream().filter(PodContainers::isSidecar),
                        spec.getContainers().stream())
                .toList();
    }

    /** What the pod says of {@link #of} them. */
    public static List<ContainerStatus> statuses(Pod pod) {
        Set<String> names = of(pod.getSpec()).stream().map(Container::getName).collect(Collectors.toSet());
        return allStatuses(pod.getStatus())
                .filter(status -> names.contains(status.getName()))
                .toList();
    }

    /** Of those too that end before the others start. */
    public static Stream<ContainerStatus> allStatuses(PodStatus status) {
        return Stream.concat(status.getInitContainerStatuses().stream(), status.getContainerStatuses().stream());
    }
}
