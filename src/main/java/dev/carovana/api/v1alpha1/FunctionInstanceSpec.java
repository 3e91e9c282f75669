// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose instance of which function, and where it should be.
 *
 * @param function the template; cannot change
 * @param user the user's id; cannot change
 * @param site name of the {@link Site} where the instance should be; changing it moves the instance
 * @param userAliases what networks call the user, for example {@code ipv4:10.100.0.1} or
 *     {@code gpsi:msisdn-390501234567}: events may name them instead of the user's id
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
// CEL reserves the word function, hence the underscores
@ValidationRule(value = "self.__function__ == oldSelf.__function__", message = "spec.function cannot be changed")
@ValidationRule(value = "self.user == oldSelf.user", message = "spec.user cannot be changed")
public record FunctionInstanceSpec(
        @Required FunctionRef function,
        @Required @Size(min = 1, max = 256) String user,
        @Required @Size(min = 1, max = 253) String site,
        @Nullable @Size(max = 16) List<@Size(min = 1, max = 256) String> userAliases) {

    /** Of a user whom every event calls by the id. */
    public FunctionInstanceSpec(FunctionRef function, String user, String site) {
        this(function, user, site, null);
    }

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
