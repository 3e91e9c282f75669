// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.model.AllowedSites;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;

/** What administrators say about namespaces. Read at the server each time: a wish to forbid counts at once. */
@ApplicationScoped
public class Namespaces {
    private final KubernetesClient client;

    Namespaces(KubernetesClient client) {
        this.client = client;
    }

    public AllowedSites allowedSites(String name) {
        Namespace namespace = client.namespaces().withName(name).get();
        boolean silent = namespace == null || namespace.getMetadata().getAnnotations() == null;
        return new AllowedSites(
                name, silent ? null : namespace.getMetadata().getAnnotations().get(AllowedSites.ANNOTATION));
    }
}
