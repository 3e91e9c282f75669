// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.controller.InstanceCache;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the wish to move, and nobody else does. From here on it is durable: the instance's reconciler does the rest; and
 * {@link InstanceCache} knows it.
 */
@ApplicationScoped
public class Moves {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final InstanceCache instances;

    Moves(KubernetesClient client, InstanceCache instances) {
        this.client = client;
        this.instances = instances;
    }

    /**
     * Fails with 409 if the instance is no longer as it was read.
     *
     * @param annotations by key; null for those that have to go
     */
    public void write(FunctionInstance instance, String site, Map<String, @Nullable String> annotations) {
        patch(instance, Map.of("metadata", locked(instance, annotations), "spec", Map.of("site", site)));
    }

    /** Writes the site only, whatever has become of the instance meanwhile. */
    public void writeAnyhow(FunctionInstance instance, String site) {
        patch(instance, Map.of("spec", Map.of("site", site)));
    }

    /** Writes annotations only, and fails as {@link #write} does. */
    public void remember(FunctionInstance instance, Map<String, @Nullable String> annotations) {
        patch(instance, Map.of("metadata", locked(instance, annotations)));
    }

    /** Writes annotations only, whatever has become of the instance meanwhile. */
    public void rememberAnyhow(FunctionInstance instance, Map<String, @Nullable String> annotations) {
        patch(instance, Map.of("metadata", Map.of("annotations", annotations)));
    }

    private static Map<String, Object> locked(FunctionInstance instance, Map<String, @Nullable String> annotations) {
        return Map.of("resourceVersion", instance.getMetadata().getResourceVersion(), "annotations", annotations);
    }

    private void patch(FunctionInstance instance, Map<String, Object> patch) {
        // with the instance, not by its name: the client would read it first
        instances.wrote(client.resource(instance)
                .patch(MERGE, client.getKubernetesSerialization().asJson(patch)));
    }
}
