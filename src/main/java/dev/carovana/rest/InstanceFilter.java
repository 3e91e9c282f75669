// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Which instances are listed: query parameters, all optional. */
class InstanceFilter {
    @RestQuery
    @Nullable
    String namespace;

    @RestQuery
    @Nullable
    String user;

    /** The function's name. */
    @RestQuery
    @Nullable
    String function;

    boolean takes(FunctionInstance instance) {
        return (user == null || user.equals(instance.getSpec().user()))
                && (function == null
                        || function.equals(instance.getSpec().function().name()));
    }
}
