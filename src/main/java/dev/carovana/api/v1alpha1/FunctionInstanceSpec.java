// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Whose instance of which function, and where it should be.
 *
 * @param function the template; cannot change
 * @param user the user's id; cannot change
 * @param site name of the {@link Site} where the instance should be; changing it moves the instance
 */
// CEL reserves the word function, hence the underscores
@ValidationRule(value = "self.__function__ == oldSelf.__function__", message = "spec.function cannot be changed")
@ValidationRule(value = "self.user == oldSelf.user", message = "spec.user cannot be changed")
public record FunctionInstanceSpec(
        @Required FunctionRef function,
        @Required @Size(min = 1, max = 256) String user,
        @Required @Size(min = 1, max = 253) String site) {

    /**
     * The object whose pod template the instance runs.
     *
     * @param apiVersion for example {@code apps/v1}
     * @param kind for example {@code Deployment}
     * @param name name in the instance's namespace
     */
    public record FunctionRef(
            @Required @Size(min = 1, max = 253) String apiVersion,
            @Required @Size(min = 1, max = 63) String kind,
            @Required @Size(min = 1, max = 253) String name) {}
}
