// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.awaitility.Awaitility.await;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.Carovana;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.concurrent.TimeUnit;

/** Kinds of other projects, as far as the API server needs to know them; the lab has the real ones. */
final class ForeignKinds {
    private ForeignKinds() {}

    static void define(KubernetesClient client, String group, String version, String kind, String plural) {
        var definition = new CustomResourceDefinitionBuilder()
                .withNewMetadata()
                .withName(plural + "." + group)
                .endMetadata()
                .withNewSpec()
                .withGroup(group)
                .withScope("Namespaced")
                .withNewNames()
                .withKind(kind)
                .withPlural(plural)
                .endNames()
                .addNewVersion()
                .withName(version)
                .withServed(true)
                .withStorage(true)
                .withNewSubresources()
                .withNewStatus()
                .endStatus()
                .endSubresources()
                .withNewSchema()
                .withNewOpenAPIV3Schema()
                .withType("object")
                .withXKubernetesPreserveUnknownFields(true)
                .endOpenAPIV3Schema()
                .endSchema()
                .endVersion()
                .endSpec()
                .build();
        client.resource(definition).serverSideApply();
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(plural + "." + group)
                .waitUntilCondition(KubernetesApi::isEstablished, 30, TimeUnit.SECONDS);
    }

    /** All that were defined. */
    static void remove(KubernetesClient client) {
        var definitions = client.apiextensions().v1().customResourceDefinitions();
        definitions.list().getItems().stream()
                .filter(d -> !d.getSpec().getGroup().equals(Carovana.GROUP))
                .forEach(d -> client.resource(d).delete());
        await("other kinds are gone").until(() -> definitions.list().getItems().stream()
                .allMatch(d -> d.getSpec().getGroup().equals(Carovana.GROUP)));
    }
}
