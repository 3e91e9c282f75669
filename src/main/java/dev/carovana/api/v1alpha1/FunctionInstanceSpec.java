// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Whose instance of which function, and where it should be.
 *
 * @param function the template; cannot change
 * @param user the user's id; cannot change
 * @param site name of the {@link Site} where the instance should be; changing it moves the instance
 */
@ValidationRule(value = "self.function == oldSelf.function", message = "spec.function cannot be changed")
@ValidationRule(value = "self.user == oldSelf.user", message = "spec.user cannot be changed")
@ValidationRule(
        value = "size(self.user) > 0 && size(self.user) <= 256",
        message = "spec.user must have 1 to 256 characters")
public record FunctionInstanceSpec(@Required FunctionRef function, @Required String user, @Required String site) {

    /**
     * The object whose pod template the instance runs.
     *
     * @param apiVersion for example {@code apps/v1}
     * @param kind for example {@code Deployment}
     * @param name name in the instance's namespace
     */
    public record FunctionRef(@Required String apiVersion, @Required String kind, @Required String name) {}
}
