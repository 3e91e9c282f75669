// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.model.AllowedSites;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What administrators say about namespaces. */
@ApplicationScoped
public class Namespaces {
    private final CarovanaConfig config;
    private final KubernetesClient client;
    private @Nullable SharedIndexInformer<Namespace> informer;

    Namespaces(CarovanaConfig config, KubernetesClient client) {
        this.config = config;
        this.client = client;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            informer = client.namespaces().runnableInformer(0);
            informer.run();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (informer != null) {
            informer.stop();
        }
    }

    /** Read at the server: a wish to forbid counts at once. */
    public AllowedSites allowedSites(String name) {
        return allowedSites(name, client.namespaces().withName(name).get());
    }

    /** As a watch shows it, which may be a little late: for what is checked again before anything moves. */
    public AllowedSites allowedSitesSeen(String name) {
        return allowedSites(
                name,
                Objects.requireNonNull(informer, "the cache is the controller's only")
                        .getStore()
                        .getByKey(name));
    }

    private static AllowedSites allowedSites(String name, @Nullable Namespace namespace) {
        var annotations = namespace == null ? null : namespace.getMetadata().getAnnotations();
        return new AllowedSites(name, annotations == null ? null : annotations.get(AllowedSites.ANNOTATION));
    }
}
