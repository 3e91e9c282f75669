// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;

/** Deployments in the hub, the samples' among them. */
final class Deployments {
    private Deployments() {}

    static RollableScalableResource<Deployment> get(String name) {
        return Lab.hub().apps().deployments().inNamespace(Lab.NAMESPACE).withName(name);
    }

    /** Makes a function with a sample's template. */
    static void function(String name, String sample, String state) {
        Lab.hub().resource(withTemplateOf(sample, name, state)).create();
    }

    /** A function that is still to be made. */
    static Deployment withTemplateOf(String sample, String name, String state) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(Lab.NAMESPACE)
                .withLabels(Map.of("carovana.dev/state", state))
                .endMetadata()
                .withSpec(get(sample).require().getSpec())
                .build();
    }

    /** Says something of a function, whatever others write on it at the same time. */
    static void annotate(String name, String key, String value) {
        get(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(key, value));
    }

    /** The image that the lab has for a sample. */
    static String image(String sample) {
        return get(sample)
                .require()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage();
    }
}
