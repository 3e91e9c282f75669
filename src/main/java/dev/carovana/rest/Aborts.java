// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Aborts migrations before their handover, by deleting them; that withdraws the wish too. */
@ApplicationScoped
public class Aborts {
    private final KubernetesClient client;
    private final MigrationRequests migrations;

    Aborts(KubernetesClient client, MigrationRequests migrations) {
        this.client = client;
        this.migrations = migrations;
    }

    /** The migration that moves an instance, or is about to. */
    public Optional<Migration> active(FunctionInstance instance) {
        return migrations.of(instance).stream()
                .filter(migration -> !Resources.phase(migration).isFinal())
                .findFirst();
    }

    public static boolean isPossible(Migration migration) {
        MigrationPhase phase = Resources.phase(migration);
        return !phase.isFinal() && phase != MigrationPhase.Restoring && phase != MigrationPhase.InDoubt;
    }

    /** Fails with 409 if the phase may be another than when it was read. */
    public void abort(Migration migration) {
        client.resource(migration)
                .lockResourceVersion(migration.getMetadata().getResourceVersion())
                .delete();
    }
}
