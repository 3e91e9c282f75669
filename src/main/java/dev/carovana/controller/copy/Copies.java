// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.function.Function;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.stream.Stream;

/** Makes the copies of remote-state functions: one Deployment and one Service for a function at a site. */
@ApplicationScoped
public class Copies {
    private final KubernetesClient client;

    Copies(KubernetesClient client) {
        this.client = client;
    }

    /**
     * A copy.
     *
     * @param name of its Deployment and Service
     * @param ready whether a pod of it takes calls
     * @param address its name in the DNS of every cluster
     */
    public record Copy(String name, boolean ready, String address) {}

    /** Name of the copy that serves, or would serve, an instance where it should be. */
    private static String wanted(FunctionInstance instance) {
        return CopyObjects.name(
                instance.getSpec().function(), instance.getSpec().site());
    }

    /** The copies that an instance needs: the one that serves it, and the one that is going to; none if it has a pod. */
    public static Stream<String> neededBy(FunctionInstance instance) {
        String serving =
                instance.getStatus() == null ? null : instance.getStatus().copy();
        return serving == null ? Stream.empty() : Stream.of(serving, wanted(instance));
    }

    /**
     * The copy for an instance where it should be; made if it is not there, and kept at the function's template.
     *
     * @param site of the instance's wish
     */
    public Copy ensure(FunctionInstance instance, Function function, Site site) {
        String namespace = instance.getMetadata().getNamespace();
        String name = wanted(instance);
        Deployment wanted = CopyObjects.deployment(namespace, name, function, site);
        Deployment there = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (there == null) {
            create(CopyObjects.service(namespace, name, function));
            there = create(wanted);
        } else if (!Objects.equals(hash(there), function.templateHash())) {
            there = client.resource(there).edit(d -> new DeploymentBuilder(d)
                    .editMetadata()
                    .addToAnnotations(Carovana.TEMPLATE_ANNOTATION, function.templateHash())
                    .endMetadata()
                    .editSpec() // how many there are may be somebody else's business
                    .withTemplate(wanted.getSpec().getTemplate())
                    .endSpec()
                    .build());
        }
        return new Copy(name, isReady(there), name + "." + namespace + ".svc");
    }

    /** Whether a pod of it takes calls. */
    public static boolean isReady(Deployment copy) {
        return copy.getStatus() != null
                && Objects.requireNonNullElse(copy.getStatus().getAvailableReplicas(), 0) > 0;
    }

    private static String hash(Deployment copy) {
        return copy.getMetadata().getAnnotations().getOrDefault(Carovana.TEMPLATE_ANNOTATION, "");
    }

    /** The object, also if somebody else has made it meanwhile. */
    private <T extends HasMetadata> T create(T object) {
        try {
            return client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw e;
            }
            return client.resource(object).get();
        }
    }
}
