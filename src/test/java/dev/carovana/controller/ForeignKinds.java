// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.KubernetesApi;
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
}
