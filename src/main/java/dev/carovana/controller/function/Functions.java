// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.model.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;

/** Finds a function's template with the adapter that knows its kind. */
@ApplicationScoped
public class Functions {
    private final Instance<FunctionTemplates> adapters;

    Functions(Instance<FunctionTemplates> adapters) {
        this.adapters = adapters;
    }

    /** The function's template, or why there is none. */
    public FunctionTemplates.Result find(String namespace, FunctionRef function) {
        return adapters.stream()
                .filter(adapter -> adapter.knows(function))
                .findFirst()
                .map(adapter -> adapter.find(namespace, function))
                .orElseGet(() -> new FunctionTemplates.Result.Refused(new Reason(
                        "FunctionKind",
                        "spec.function is a " + function.apiVersion() + " " + function.kind()
                                + ", expected an apps/v1 Deployment")));
    }
}
