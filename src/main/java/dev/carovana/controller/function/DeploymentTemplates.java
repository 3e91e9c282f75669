// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A Deployment with the label {@code carovana.dev/state}: its pod template is the function's. */
@ApplicationScoped
class DeploymentTemplates implements FunctionTemplates {
    private final KubernetesClient client;

    DeploymentTemplates(KubernetesClient client) {
        this.client = client;
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
        return switch (contract(deployment)) {
            case FunctionContract.Result.Invalid(var reasons) ->
                new Result.Refused(new Reason(
                        "FunctionContract",
                        "Deployment " + function.name() + ": "
                                + reasons.stream().map(Reason::message).collect(Collectors.joining("; "))));
            case FunctionContract.Result.Valid(var contract) ->
                contract.state() == FunctionContract.State.LOCAL
                        ? new Result.Found(deployment.getSpec().getTemplate(), contract)
                        : new Result.Refused(new Reason(
                                "FunctionState",
                                "label " + FunctionContract.STATE + " of Deployment " + function.name()
                                        + " is 'remote', expected 'local' for an instance"));
        };
    }

    /** What the Deployment's own label and annotations say; not those of its pod template. */
    static FunctionContract.Result contract(Deployment deployment) {
        return FunctionContract.parse(
                Objects.requireNonNullElse(deployment.getMetadata().getLabels(), Map.of()),
                Objects.requireNonNullElse(deployment.getMetadata().getAnnotations(), Map.of()));
    }
}
