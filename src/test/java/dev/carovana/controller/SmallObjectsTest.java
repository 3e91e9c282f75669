// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class SmallObjectsTest {
    @Test
    void managedFieldsAreNotKeptInAnyForm() {
        ObjectMapper mapper = new ObjectMapper();
        KubernetesSerialization kubernetes = new KubernetesSerialization(mapper, true);
        new SmallObjects().customize(mapper);

        Pod pod = kubernetes.unmarshal(
                """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart-1-1", "labels": {"app": "cart"},
                 "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:status": {"f:phase": {}}}}]}}""",
                Pod.class);

        assertThat(pod.getMetadata().getName()).isEqualTo("cart-1-1");
        assertThat(pod.getMetadata().getLabels()).containsEntry("app", "cart");
        assertThat(pod.getMetadata().getManagedFields()).isEmpty();
        assertThat(pod.getMetadata().getAdditionalProperties()).isEmpty();
    }
}
