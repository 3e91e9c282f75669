// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.rest.Problem.FieldError;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the custom resources; what is not there ends the request with a problem that says so. */
@ApplicationScoped
public class Store {
    private final KubernetesClient client;

    Store(KubernetesClient client) {
        this.client = client;
    }

    public List<Site> sites() {
        return client.resources(Site.class).list().getItems();
    }

    Site site(String name) {
        return found(client.resources(Site.class).withName(name).get(), "site '" + name + "'");
    }

    FunctionInstance instance(String namespace, String name) {
        return found(
                instanceResource(namespace, name).get(), "instance '" + name + "' in namespace '" + namespace + "'");
    }

    Resource<FunctionInstance> instanceResource(String namespace, String name) {
        return client.resources(FunctionInstance.class).inNamespace(namespace).withName(name);
    }

    Migration migration(String namespace, String name) {
        Migration migration = client.resources(Migration.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        return found(migration, "migration '" + name + "' in namespace '" + namespace + "'");
    }

    public List<FunctionInstance> instances(@Nullable String namespace) {
        return within(FunctionInstance.class, namespace).list().getItems();
    }

    List<Migration> migrations(@Nullable String namespace) {
        return within(Migration.class, namespace).list().getItems();
    }

    /** @param namespace null for all */
    <T extends HasMetadata> FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> within(
            Class<T> type, @Nullable String namespace) {
        return namespace == null
                ? client.resources(type).inAnyNamespace()
                : client.resources(type).inNamespace(namespace);
    }

    /** Ends the request unless there is such a site, with the names of those that there are. */
    void requireSite(String field, String name) {
        List<Site> sites = sites();
        if (sites.stream().noneMatch(s -> s.getMetadata().getName().equals(name))) {
            String expected = sites.stream()
                    .map(s -> s.getMetadata().getName())
                    .sorted()
                    .collect(Collectors.joining(", ", "one of the sites ", ""));
            throw new ProblemException(Problem.of(
                    422, new FieldError(field, name, sites.isEmpty() ? "a site, but there is none" : expected)));
        }
    }

    private static <T> T found(@Nullable T object, String what) {
        if (object == null) {
            throw new ProblemException(Problem.of(404, "there is no " + what));
        }
        return object;
    }
}
