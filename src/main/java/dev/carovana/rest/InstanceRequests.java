// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.Functions;
import dev.carovana.controller.instance.InstanceLimits;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.InstanceNames;
import dev.carovana.rest.Problem.FieldError;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Starts instances, one for each user and function. */
@ApplicationScoped
class InstanceRequests {
    private final KubernetesClient client;
    private final Store store;
    private final SiteChoice sites;
    private final Functions functions;
    private final InstanceLimits limits;
    private final ControllerConfig config;

    InstanceRequests(
            KubernetesClient client,
            Store store,
            SiteChoice sites,
            Functions functions,
            InstanceLimits limits,
            ControllerConfig config) {
        this.client = client;
        this.store = store;
        this.sites = sites;
        this.functions = functions;
        this.limits = limits;
        this.config = config;
    }

    FunctionInstance create(NewInstance wanted) {
        if (wanted.site() != null) {
            sites.require("site", wanted.site(), wanted.namespace());
        }
        FunctionRef function = new FunctionRef(
                wanted.function().apiVersion(),
                wanted.function().kind(),
                wanted.function().name());
        FunctionContract contract = requireFunction(wanted.namespace(), function);
        // one that somebody named by hand counts too
        for (FunctionInstance other : store.instances(wanted.namespace())) {
            if (other.getSpec().user().equals(wanted.user())
                    && other.getSpec().function().equals(function)) {
                throw exists(other.getMetadata().getName());
            }
        }
        limits.againstAnother(wanted.namespace(), function, wanted.user(), contract)
                .ifPresent(reason -> {
                    throw new ProblemException(Problem.of(409, reason.code() + ": " + reason.message()));
                });
        FunctionInstance instance = new FunctionInstance();
        String name = InstanceNames.of(
                config.userKey(),
                wanted.namespace(),
                function.apiVersion(),
                function.kind(),
                function.name(),
                wanted.user());
        instance.setMetadata(new ObjectMetaBuilder()
                .withNamespace(wanted.namespace())
                .withName(name)
                .build());
        String site = wanted.site() != null ? wanted.site() : sites.leastLoaded(wanted.namespace());
        instance.setSpec(new FunctionInstanceSpec(function, wanted.user(), site, wanted.userAliases()));
        try {
            return client.resource(instance).create();
        } catch (KubernetesClientException e) {
            throw e.getCode() == 409 ? exists(name) : e; // somebody was faster
        }
    }

    private FunctionContract requireFunction(String namespace, FunctionRef function) {
        return switch (functions.find(namespace, function)) {
            case Result.Found(var found) -> found.contract();
            case Result.Refused(var reason) -> {
                String value = function.apiVersion() + " " + function.kind() + " " + function.name();
                throw new ProblemException(Problem.of(
                        422, reason.message(), List.of(new FieldError("function", value, reason.message()))));
            }
        };
    }

    private static ProblemException exists(String name) {
        return new ProblemException(Problem.of(409, "the user has an instance of this function: '" + name + "'"));
    }
}
