// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Site;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** All sites as a watch shows them, which may be a little late. */
@ApplicationScoped
public class SiteCache extends WatchCache<Site> {
    @Override
    SharedIndexInformer<Site> informer(KubernetesClient client) {
        return client.resources(Site.class).runnableInformer(0);
    }

    public Optional<Site> find(String name) {
        return Optional.ofNullable(objects().getByKey(name));
    }

    public List<Site> all() {
        return objects().list();
    }
}
