// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** Writes the wish to move. From here on it is durable: the instance's reconciler does the rest. */
@ApplicationScoped
public class Moves {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;

    Moves(KubernetesClient client) {
        this.client = client;
    }

    /** Fails with 409 if the instance is no longer as it was read. */
    public void write(FunctionInstance instance, String site, Map<String, String> annotations) {
        Map<String, Object> patch = Map.of(
                "metadata",
                Map.of("resourceVersion", instance.getMetadata().getResourceVersion(), "annotations", annotations),
                "spec",
                Map.of("site", site));
        client.resources(FunctionInstance.class)
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(instance.getMetadata().getName())
                .patch(MERGE, client.getKubernetesSerialization().asJson(patch));
    }
}
