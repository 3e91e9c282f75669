// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.function.Function;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;

/** Copies that consist of a Deployment and a Service: those of every function that has no kind of its own. */
@ApplicationScoped
public class DeploymentCopies implements CopyKind {
    private final KubernetesClient client;

    DeploymentCopies(KubernetesClient client) {
        this.client = client;
    }

    /** Whether a pod of it takes calls. */
    public static boolean isReady(Deployment copy) {
        return copy.getStatus() != null
                && Objects.requireNonNullElse(copy.getStatus().getAvailableReplicas(), 0) > 0;
    }

    /** Those that no other kind claims. */
    @Override
    public boolean serves(FunctionInstance instance) {
        return false;
    }

    @Override
    public boolean ensure(String name, FunctionInstance instance, Function function, Site site) {
        String namespace = instance.getMetadata().getNamespace();
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
        return isReady(there);
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

    /** Those that no other kind claims. */
    @Override
    public boolean made(Service service) {
        return false;
    }

    @Override
    public void end(Service copy) {
        client.apps()
                .deployments()
                .inNamespace(copy.getMetadata().getNamespace())
                .withName(copy.getMetadata().getName())
                .delete();
        client.resource(copy).delete();
    }
}
