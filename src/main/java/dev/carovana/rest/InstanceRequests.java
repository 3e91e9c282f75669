// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.Functions;
import dev.carovana.controller.instance.NewInstances;
import dev.carovana.controller.instance.NewInstances.Wanted;
import dev.carovana.model.FunctionContract;
import dev.carovana.rest.Problem.FieldError;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Starts instances, one for each user and function. */
@ApplicationScoped
class InstanceRequests {
    private final Store store;
    private final SiteChoice sites;
    private final Functions functions;
    private final NewInstances instances;

    InstanceRequests(Store store, SiteChoice sites, Functions functions, NewInstances instances) {
        this.store = store;
        this.sites = sites;
        this.functions = functions;
        this.instances = instances;
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
        Wanted instance = new Wanted(wanted.namespace(), function, wanted.user(), wanted.userAliases());
        NewInstances.Result result = instances
                .against(instance, contract, store.instances(wanted.namespace()))
                .orElseGet(() -> instances.create(
                        instance, wanted.site() != null ? wanted.site() : sites.leastLoaded(wanted.namespace())));
        return switch (result) {
            case NewInstances.Result.Created(var created) -> created;
            case NewInstances.Result.Exists(var name) ->
                throw new ProblemException(
                        Problem.of(409, "the user has an instance of this function: '" + name + "'"));
            case NewInstances.Result.Refused(var reason) ->
                throw new ProblemException(Problem.of(409, reason.code() + ": " + reason.message()));
        };
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
}
