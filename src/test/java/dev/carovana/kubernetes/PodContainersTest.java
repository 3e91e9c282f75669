// SPDX-License-Identifier: Apache-2.0
package dev.carovana.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class PodContainersTest {
    private static final Pod POD = Serialization.unmarshal(
            """
            apiVersion: v1
            kind: Pod
            spec:
              initContainers:
                - {name: first}
                - {name: proxy, restartPolicy: Always}
                - {name: onFailure, restartPolicy: OnFailure}
              containers: [{name: main}]
            status:
              initContainerStatuses: [{name: first, restartCount: 2}, {name: proxy}]
              containerStatuses: [{name: main}]
            """,
            Pod.class);

    @Test
    void sidecarsComeFirst() {
        assertThat(PodContainers.of(POD.getSpec()))
                .extracting(Container::getName)
                .containsExactly("proxy", "main");
    }

    @Test
    void whatEndsBeforeTheOthersStartIsNoneOfThem() {
        assertThat(PodContainers.statuses(POD))
                .extracting(ContainerStatus::getName)
                .containsExactly("proxy", "main");
        assertThat(PodContainers.allStatuses(POD.getStatus()))
                .extracting(ContainerStatus::getName)
                .containsExactly("first", "proxy", "main");
    }
}
