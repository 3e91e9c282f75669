// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.Events;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Objects;

/** A Deployment with the label {@code carovana.dev/state}: its pod template is the function's. */
@ApplicationScoped
class DeploymentTemplates implements FunctionTemplates {
    private final KubernetesClient client;
    private final Events events;

    DeploymentTemplates(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    @Override
    public boolean knows(FunctionRef function) {
        return function.apiVersion().equals("apps/v1") && function.kind().equals("Deployment");
    }

    @Override
    public Result find(String namespace, FunctionRef function) {
        Deployment deployment = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(function.name())
                .get();
        if (deployment == null) {
            return new Result.Refused(new Reason(
                    "FunctionNotFound",
                    "spec.function.name '" + function.name() + "': there is no such Deployment in " + namespace));
        }
        String state = Objects.requireNonNullElse(deployment.getMetadata().getLabels(), Map.<String, String>of())
                .getOrDefault(Carovana.STATE_LABEL, "");
        if (!state.equals("local")) {
            Reason reason = new Reason(
                    "FunctionState",
                    "label " + Carovana.STATE_LABEL + " of Deployment " + function.name() + " is '" + state
                            + "', expected 'local' for an instance");
            events.warn(deployment, reason);
            return new Result.Refused(reason);
        }
        return new Result.Found(
                deployment.getSpec().getTemplate(),
                Objects.requireNonNullElse(deployment.getMetadata().getAnnotations(), Map.of()));
    }
}
