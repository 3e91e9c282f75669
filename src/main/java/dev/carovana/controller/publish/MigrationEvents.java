// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.publish;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** CloudEvents about migrations. Pure. */
final class MigrationEvents {
    private static final String MOVED = "dev.carovana.instance.moved.v1";
    private static final String FAILED = "dev.carovana.migration.failed.v1";

    private MigrationEvents() {}

    /**
     * An event in structured mode.
     *
     * @param id the same for the same migration, so that a receiver can tell a repetition
     */
    record Event(
            String specversion,
            String id,
            String source,
            String type,
            String subject,
            String time,
            String datacontenttype,
            Data data) {}

    /**
     * @param user only if an administrator wants it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Data(
            String namespace,
            String instance,
            String migration,
            MigrationPhase phase,
            @Nullable String from,
            String to,
            @Nullable Long epoch,
            @Nullable Double freezeMillis,
            @Nullable Double totalMillis,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String trigger,
            @Nullable String user) {}

    /** What there is to tell: nothing before the end, and nothing of what somebody aborted. */
    static Optional<Event> of(Migration migration, @Nullable String user) {
        MigrationStatus status = migration.getStatus();
        if (status == null || status.phase() == null || status.transitions() == null) {
            return Optional.empty();
        }
        return switch (status.phase()) {
            case Succeeded -> Optional.of(event(MOVED, migration, status, status.phase(), user));
            case RolledBack, Failed -> Optional.of(event(FAILED, migration, status, status.phase(), user));
            default -> Optional.empty();
        };
    }

    private static Event event(
            String type, Migration migration, MigrationStatus status, MigrationPhase phase, @Nullable String user) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getMetadata().getName();
        String instance = migration.getSpec().instance();
        return new Event(
                "1.0",
                migration.getMetadata().getUid() + "/" + phase,
                "/apis/" + Carovana.GROUP + "/" + Carovana.VERSION + "/namespaces/" + namespace + "/migrations/" + name,
                type,
                namespace + "/" + instance,
                Objects.requireNonNull(status.transitions()).getLast().at(),
                "application/json",
                new Data(
                        namespace,
                        instance,
                        name,
                        phase,
                        status.from(),
                        migration.getSpec().to(),
                        status.epoch(),
                        status.freezeMillis(),
                        status.totalMillis(),
                        status.reason(),
                        status.message(),
                        migration.getSpec().trigger(),
                        user));
    }
}
