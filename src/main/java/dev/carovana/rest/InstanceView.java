// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.model.Remembered;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A function instance as REST clients see it.
 *
 * @param site where it is; {@code wantedSite} is where it should be
 * @param copy of a remote-state function, instead of a pod of its own
 * @param held a move back that an event has asked for too soon, and that will be made
 * @param prepared where an event expects the user soon
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InstanceView(
        String namespace,
        String name,
        FunctionRef function,
        String user,
        List<String> userAliases,
        String wantedSite,
        @Nullable String site,
        FunctionInstanceStatus.@Nullable Phase phase,
        @Nullable Long epoch,
        @Nullable String address,
        @Nullable String siteAddress,
        @Nullable String podName,
        @Nullable String copy,
        @Nullable String node,
        @Nullable String migration,
        @Nullable String lastMigration,
        Remembered.@Nullable Held held,
        Remembered.@Nullable Prepared prepared,
        List<Condition> conditions) {

    static InstanceView of(FunctionInstance instance) {
        FunctionInstanceStatus status = Resources.status(instance);
        Map<String, String> annotations =
                Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.of());
        Remembered remembered = Remembered.read(annotations);
        return new InstanceView(
                instance.getMetadata().getNamespace(),
                instance.getMetadata().getName(),
                instance.getSpec().function(),
                instance.getSpec().user(),
                Resources.list(instance.getSpec().userAliases()),
                instance.getSpec().site(),
                status.site(),
                status.phase(),
                status.epoch(),
                status.address(),
                status.siteAddress(),
                status.podName(),
                status.copy(),
                status.node(),
                status.migration(),
                status.lastMigration(),
                remembered.held(),
                remembered.prepared(),
                Resources.list(status.conditions()));
    }
}
