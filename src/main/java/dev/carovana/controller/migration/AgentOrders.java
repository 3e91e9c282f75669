// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.Abort;
import dev.carovana.link.v1.Finish;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.Prepare;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.link.v1.Verdict;
import dev.carovana.model.Reason;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What agents are told of a migration. Pure. */
final class AgentOrders {
    private AgentOrders() {}

    /**
     * @param containers of the source pod
     * @param token that the transfer must present
     */
    static ToAgent prepare(Migration migration, MigrationStatus status, List<String> containers, String token) {
        return ToAgent.newBuilder()
                .setPrepare(Prepare.newBuilder()
                        .setMigration(migration.getMetadata().getUid())
                        .setPod(ref(migration, status.destinationPod()))
                        .addAllContainers(containers)
                        .setSourceSite(Objects.requireNonNull(status.from()))
                        .setToken(token))
                .build();
    }

    static ToAgent finish(String uid) {
        return ToAgent.newBuilder()
                .setFinish(Finish.newBuilder().setMigration(uid))
                .build();
    }

    static PodRef ref(Migration migration, @Nullable String pod) {
        return PodRef.newBuilder()
                .setNamespace(migration.getMetadata().getNamespace())
                .setName(Objects.requireNonNull(pod))
                .build();
    }

    /** With the pod: an agent that has it, and has lost its record, can then say so. */
    static ToAgent verdict(Migration migration, MigrationStatus status, Verdict.Kind kind) {
        return ToAgent.newBuilder()
                .setVerdict(Verdict.newBuilder()
                        .setMigration(migration.getMetadata().getUid())
                        .setKind(kind)
                        .setPod(ref(migration, status.sourcePod())))
                .build();
    }

    /** With the pod, as {@link #verdict}. */
    static ToAgent abortSource(Migration migration, MigrationStatus status, @Nullable Reason why) {
        return ToAgent.newBuilder()
                .setAbort(Abort.newBuilder()
                        .setMigration(migration.getMetadata().getUid())
                        .setReason(
                                why == null
                                        ? Objects.requireNonNullElse(status.message(), "the migration was given up")
                                        : why.message())
                        .setPod(ref(migration, status.sourcePod())))
                .build();
    }

    static ToAgent abort(String uid, String reason) {
        return ToAgent.newBuilder()
                .setAbort(Abort.newBuilder().setMigration(uid).setReason(reason))
                .build();
    }
}
