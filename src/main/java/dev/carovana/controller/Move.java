// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What routes depend on of a migration.
 *
 * @param epoch of the destination pod; 0 before the migration has taken the instance
 * @param destinationPod its name
 */
public record Move(
        String uid,
        String namespace,
        String name,
        String instance,
        String to,
        long epoch,
        @Nullable String destinationPod,
        MigrationPhase phase) {

    public static Move of(Migration migration) {
        MigrationStatus status = migration.getStatus();
        return new Move(
                migration.getMetadata().getUid(),
                migration.getMetadata().getNamespace(),
                migration.getMetadata().getName(),
                migration.getSpec().instance(),
                migration.getSpec().to(),
                status == null || status.epoch() == null ? 0 : status.epoch(),
                status == null ? null : status.destinationPod(),
                status == null
                        ? MigrationPhase.Pending
                        : Objects.requireNonNullElse(status.phase(), MigrationPhase.Pending));
    }

    /** Whether its phase holds calls back, as long as no agent says that the instance runs. */
    public boolean holds() {
        return switch (phase) {
            case Draining, Handover, Restoring, InDoubt -> true;
            case Pending, Preparing, PreCopying, Succeeded, RolledBack, Aborted, Failed -> false;
        };
    }

    /** Phases only go forward: of two views of one migration the one with the larger number is the newer one. */
    int progress() {
        return switch (phase) {
            case Pending -> 0;
            case Preparing -> 1;
            case PreCopying -> 2;
            case Draining -> 3;
            case Handover -> 4;
            case Restoring, InDoubt -> 5; // in doubt it may go back, and holds in both
            case Succeeded, RolledBack, Aborted, Failed -> 6;
        };
    }
}
