// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBindingBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;

/** The API server refuses to let any migration enter a phase, until this is closed. */
final class RefusedPhase implements AutoCloseable {
    private static final String NAME = "refused-phase";

    private final KubernetesClient client;
    private final List<HasMetadata> objects;

    /** @param migration one that is under way: whether it is refused already is tried with it */
    RefusedPhase(KubernetesClient client, Resource<Migration> migration, MigrationPhase phase) {
        this.client = client;
        this.objects = List.of(
                new ValidatingAdmissionPolicyBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .endMetadata()
                        .withNewSpec()
                        .withFailurePolicy("Fail")
                        .withNewMatchConstraints()
                        .addNewResourceRule()
                        .withApiGroups(Carovana.GROUP)
                        .withApiVersions("*")
                        .withOperations("UPDATE")
                        .withResources("migrations/status")
                        .endResourceRule()
                        .endMatchConstraints()
                        .addNewValidation()
                        .withExpression("!has(object.status.phase) || object.status.phase != '" + phase + "'")
                        .endValidation()
                        .endSpec()
                        .build(),
                new ValidatingAdmissionPolicyBindingBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .endMetadata()
                        .withNewSpec()
                        .withPolicyName(NAME)
                        .withValidationActions("Deny")
                        .endSpec()
                        .build());
        objects.forEach(object -> client.resource(object).create());
        await().until(() -> isRefused(migration, phase));
    }

    private static boolean isRefused(Resource<Migration> migration, MigrationPhase phase) {
        try {
            migration
                    .subresource("status")
                    .patch(
                            new PatchContext.Builder()
                                    .withPatchType(PatchType.JSON_MERGE)
                                    .withDryRun(List.of("All"))
                                    .build(),
                            "{\"status\":{\"phase\":\"" + phase + "\"}}");
            return false;
        } catch (KubernetesClientException e) {
            return e.getMessage().contains(NAME);
        }
    }

    @Override
    public void close() {
        objects.forEach(object -> client.resource(object).delete());
    }
}
