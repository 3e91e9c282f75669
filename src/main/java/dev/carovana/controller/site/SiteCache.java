// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.config.CarovanaConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** All sites as a watch shows them, which may be a little late. */
@ApplicationScoped
public class SiteCache {
    private final CarovanaConfig config;
    private final KubernetesClient client;
    private @Nullable SharedIndexInformer<Site> informer;

    SiteCache(CarovanaConfig config, KubernetesClient client) {
        this.config = config;
        this.client = client;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            informer = client.resources(Site.class).runnableInformer(0);
            informer.run();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (informer != null) {
            informer.stop();
        }
    }

    public List<Site> all() {
        return Objects.requireNonNull(informer, "the cache is the controller's only")
                .getStore()
                .list();
    }
}
