// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.model.AllowedSites;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** What administrators say about namespaces. */
@ApplicationScoped
public class Namespaces extends WatchCache<Namespace> {
    private final KubernetesClient client;

    Namespaces(KubernetesClient client) {
        this.client = client;
    }

    @Override
    SharedIndexInformer<Namespace> informer(KubernetesClient client) {
        return client.namespaces().runnableInformer(0);
    }

    /** Read at the server: a wish to forbid counts at once. */
    public AllowedSites allowedSites(String name) {
        return allowedSites(name, client.namespaces().withName(name).get());
    }

    /** As a watch shows it, which may be a little late: for what is checked again before anything moves. */
    public AllowedSites allowedSitesSeen(String name) {
        return allowedSites(name, objects().getByKey(name));
    }

    private static AllowedSites allowedSites(String name, @Nullable Namespace namespace) {
        var annotations = namespace == null ? null : namespace.getMetadata().getAnnotations();
        return new AllowedSites(name, annotations == null ? null : annotations.get(AllowedSites.ANNOTATION));
    }
}
