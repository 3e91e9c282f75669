// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * A wish to move an instance. It cannot change: another wish is another Migration.
 *
 * @param instance name of the {@link FunctionInstance} in the same namespace
 * @param to name of the destination {@link Site}; if the instance is there, another node of it
 * @param reason why
 * @param trigger id of the event that asked for it
 * @param deadline RFC 3339 instant; if the handover has not happened by then, the migration is rolled back
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.deadline) || timestamp(self.deadline) > timestamp('1970-01-01T00:00:00Z')",
        message = "spec.deadline must be an RFC 3339 instant")
@ValidationRule(value = "self == oldSelf", message = "spec cannot be changed: create another Migration")
public record MigrationSpec(
        @Required String instance,
        @Required String to,
        @Nullable Reason reason,
        @Nullable String trigger,
        @Nullable @Size(max = 40) String deadline) {

    /** Why an instance moves. */
    public enum Reason {
        UserMobility,
        Drain,
        Manual,
        Rebalance
    }
}
