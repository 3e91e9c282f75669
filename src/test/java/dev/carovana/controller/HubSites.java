// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.model.AllowedSites;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;

/** What an administrator says at the hub about the bed's sites, and what the controller says of them. */
final class HubSites {
    static final List<String> NAMES = List.of("edge-a", "edge-b", "edge-c");

    private final KubernetesClient client;
    private final String namespace;

    HubSites(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    void put(String name, Boolean cordoned, Integer maxInstances, SiteSpec.Drain drain, SiteSpec.Location location) {
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName(name).build());
        site.setSpec(new SiteSpec(
                new SiteSpec.Liqo(name),
                null,
                null,
                null,
                maxInstances == null ? null : new SiteSpec.Limits(maxInstances, null),
                cordoned,
                drain,
                location));
        client.resource(site).forceConflicts().serverSideApply();
    }

    Site get(String name) {
        return client.resources(Site.class).withName(name).get();
    }

    SiteStatus.Drain progress(String name) {
        SiteStatus status = get(name).getStatus();
        return status == null ? null : status.drain();
    }

    /** Status of a condition; empty if there is none. */
    String condition(String name, String type) {
        SiteStatus status = get(name).getStatus();
        var found = status == null ? null : Conditions.find(status.conditions(), type);
        return found == null ? "" : found.getStatus();
    }

    /** Which sites the namespace allows; null for all. */
    void allow(String annotation) {
        client.namespaces().withName(namespace).edit(n -> {
            n.getMetadata().setAnnotations(annotation == null ? Map.of() : Map.of(AllowedSites.ANNOTATION, annotation));
            return n;
        });
    }
}
