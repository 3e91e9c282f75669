// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.Golden;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.model.FunctionContract;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies of a remote-state Knative Service; the test writes what Knative's controllers would. */
@OnControllerBed
class KnativeCopiesIT {
    private final ControllerBed bed;

    KnativeCopiesIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @Test
    void aCopyThatBecomesReadyAfterItsServiceHasChangedServesItsUser() {
        ForeignKinds.define(bed.client(), "serving.knative.dev", "v1", "Service", "services");
        ForeignKinds.define(bed.client(), "serving.knative.dev", "v1", "Revision", "revisions");
        remoteFunction();
        bed.create("visits", new FunctionRef("serving.knative.dev/v1", "Service", "visits"), "edge-a");
        Service copy = await().until(this::copy, Objects::nonNull);
        bed.awaitInstance(
                "visits",
                i -> i.getStatus() != null
                        && copy.getMetadata().getName().equals(i.getStatus().copy()));

        write(copy, "{\"status\": {\"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}}");

        assertThat(bed.awaitInstance("visits", i -> isRunningAt(i, "edge-a"))
                        .getStatus()
                        .address())
                .startsWith(copy.getMetadata().getName());
    }

    private void remoteFunction() {
        Service service = bed.client()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("visits")
                        .withNamespace(ControllerBed.NAMESPACE)
                        .addToLabels(FunctionContract.STATE, "remote")
                        .endMetadata()
                        .withNewSpec()
                        .withNewTemplate()
                        .withNewSpec()
                        .addNewContainer()
                        .withImage("registry.example/visits")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        Revision revision = Golden.read("knative/one/in.yaml", Revision.class);
        revision.getMetadata().setResourceVersion(null);
        revision.getMetadata().setName("visits-00001");
        Revision made = bed.client().resource(revision).create();
        made.setStatus(revision.getStatus());
        bed.client().resource(made).updateStatus();
        write(service, "{\"status\": {\"latestReadyRevisionName\": \"visits-00001\"}}");
    }

    /** As a patch: Carovana writes a condition at the same time. */
    private void write(Service service, String status) {
        bed.client().resource(service).subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), status);
    }

    private @Nullable Service copy() {
        return bed
                .client()
                .resources(Service.class)
                .inNamespace(ControllerBed.NAMESPACE)
                .withLabel(Carovana.COPY_LABEL)
                .list()
                .getItems()
                .stream()
                .findFirst()
                .orElse(null);
    }
}
