// SPDX-License-Identifier: Apache-2.0
package dev.carovana.knative;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.SitePods;
import dev.carovana.controller.copy.CopyKind;
import dev.carovana.controller.function.Function;
import dev.carovana.controller.function.Functions;
import io.fabric8.knative.serving.v1.RevisionTemplateSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies of Knative Services are Knative Services, whose pods are at one site: Knative scales them, to zero too. Their
 * Kubernetes Service is the one that Knative makes for the Route, with the Route's labels; Knative leads it to the ingress just
 * before it calls the Route ready.
 */
@ApplicationScoped
class KnativeCopies implements CopyKind {
    private final KubernetesClient client;

    KnativeCopies(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public boolean serves(FunctionInstance instance) {
        FunctionRef function = instance.getSpec().function();
        return Functions.reference(Service.class, function.name()).equals(function);
    }

    @Override
    public boolean ensure(String name, FunctionInstance instance, Function function, Site site) {
        String namespace = instance.getMetadata().getNamespace();
        Service there = find(namespace, name);
        if (there != null && function.templateHash().equals(hash(there))) {
            return isReady(there);
        }
        Service original = Objects.requireNonNull(
                find(namespace, instance.getSpec().function().name()), "it has just been read");
        Service wanted = copy(name, original, function, site);
        try {
            if (there == null) {
                client.resource(wanted).create();
            } else {
                client.resource(there).edit(s -> new ServiceBuilder(s)
                        .editMetadata()
                        .addToAnnotations(Carovana.TEMPLATE_ANNOTATION, function.templateHash())
                        .endMetadata()
                        .editSpec()
                        .withTemplate(wanted.getSpec().getTemplate())
                        .endSpec()
                        .build());
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) { // somebody else has made it meanwhile
                throw e;
            }
        }
        return false;
    }

    /** From the Service's own template: the function's has what Knative adds to a pod, and does not take from users. */
    static Service copy(String name, Service original, Function function, Site site) {
        RevisionTemplateSpec template = original.getSpec().getTemplate();
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(original.getMetadata().getNamespace())
                .withName(name)
                .addToLabels(Carovana.COPY_LABEL, name)
                .addToAnnotations(Carovana.SITE_ANNOTATION, site.getMetadata().getName())
                .addToAnnotations(Carovana.TEMPLATE_ANNOTATION, function.templateHash())
                .withOwnerReferences(function.owner())
                .endMetadata()
                .withNewSpec()
                .withTemplate(template)
                .editTemplate()
                .editOrNewMetadata()
                .withName(null) // which would have to begin with the original's
                .addToLabels(Carovana.COPY_LABEL, name)
                .endMetadata()
                .editSpec()
                .withAffinity(SitePods.affinity(site))
                .addToTolerations(SitePods.OFFLOADED)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private @Nullable Service find(String namespace, String name) {
        return client.resources(Service.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private static String hash(Service copy) {
        return copy.getMetadata().getAnnotations().getOrDefault(Carovana.TEMPLATE_ANNOTATION, "");
    }

    private static boolean isReady(Service copy) {
        return copy.getStatus() != null
                && copy.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Ready") && "True".equals(c.getStatus()));
    }

    @Override
    public boolean made(io.fabric8.kubernetes.api.model.Service service) {
        return isOfRoute(service);
    }

    static boolean isOfRoute(io.fabric8.kubernetes.api.model.Service service) {
        return service.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getApiVersion().startsWith("serving.knative.dev/")
                        && o.getKind().equals("Route"));
    }

    @Override
    public void end(io.fabric8.kubernetes.api.model.Service copy) {
        client.resources(Service.class)
                .inNamespace(copy.getMetadata().getNamespace())
                .withName(copy.getMetadata().getName())
                .delete();
    }
}
