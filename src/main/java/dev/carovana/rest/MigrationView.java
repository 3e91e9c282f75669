// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A migration as REST clients see it.
 *
 * @param why who asked for the move; {@code reason} is the last failure or refusal
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MigrationView(
        String namespace,
        String name,
        String instance,
        @Nullable String from,
        String to,
        MigrationSpec.@Nullable Reason why,
        @Nullable String trigger,
        MigrationPhase phase,
        @Nullable String reason,
        @Nullable String message,
        @Nullable Long epoch,
        List<MigrationStatus.Transition> transitions,
        List<MigrationStatus.ContainerTimes> containers,
        @Nullable Double freezeMillis,
        @Nullable Double totalMillis,
        @Nullable Long bytesSent,
        @Nullable Integer requestsHeld,
        List<Condition> conditions) {

    static MigrationView of(Migration migration) {
        MigrationSpec spec = migration.getSpec();
        MigrationStatus status = Resources.status(migration);
        return new MigrationView(
                migration.getMetadata().getNamespace(),
                migration.getMetadata().getName(),
                spec.instance(),
                status.from(),
                spec.to(),
                spec.reason(),
                spec.trigger(),
                Resources.phase(migration),
                status.reason(),
                status.message(),
                status.epoch(),
                Resources.list(status.transitions()),
                Resources.list(status.containers()),
                status.freezeMillis(),
                status.totalMillis(),
                status.bytesSent(),
                status.requestsHeld(),
                Resources.list(status.conditions()));
    }
}
