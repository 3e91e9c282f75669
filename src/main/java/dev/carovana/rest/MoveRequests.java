// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.MobilityAnnotations;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Asks for moves, by writing {@code spec.site}. */
@ApplicationScoped
class MoveRequests {
    private static final int TRIES = 5;

    private final Store store;
    private final SiteChoice sites;
    private final MigrationRequests migrations;
    private final Moves moves;

    MoveRequests(Store store, SiteChoice sites, MigrationRequests migrations, Moves moves) {
        this.store = store;
        this.sites = sites;
        this.migrations = migrations;
        this.moves = moves;
    }

    /** The migration that is going to be, by name, or why there is none. */
    Accepted move(String namespace, String name, NewMigration wanted) {
        for (int attempt = 1; ; attempt++) {
            FunctionInstance instance = store.instance(namespace, name);
            sites.require("to", wanted.to(), namespace);
            refuse(instance, wanted.to());
            long epoch = MigrationRequests.nextEpoch(instance, migrations.of(instance));
            MigrationSpec.Reason reason = Objects.requireNonNullElse(wanted.reason(), MigrationSpec.Reason.Manual);
            try {
                moves.write(instance, wanted.to(), Map.of(MobilityAnnotations.REASON, reason.name()));
                FunctionInstanceStatus status = Resources.status(instance);
                boolean withdrawn = wanted.to().equals(status.site());
                boolean migrates = status.copy() == null && !withdrawn;
                return new Accepted(namespace, migrates ? name + "-" + epoch : null, withdrawn);
            } catch (KubernetesClientException e) {
                // the status is written often: look again whether the move still makes sense
                if (e.getCode() != 409 || attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Takes back what a migration has failed to do; false if the instance is not to go there any more, or is on its way again. */
    boolean withdraw(Migration migration) {
        FunctionInstance instance = store.instanceResource(
                        migration.getMetadata().getNamespace(),
                        migration.getSpec().instance())
                .get();
        if (instance == null) {
            return false;
        }
        FunctionInstanceStatus status = Resources.status(instance);
        String to = migration.getSpec().to();
        if (status.site() == null
                || status.migration() != null
                || to.equals(status.site())
                || !to.equals(instance.getSpec().site())) {
            return false;
        }
        moves.writeAnyhow(instance, status.site());
        return true;
    }

    private static void refuse(FunctionInstance instance, String to) {
        FunctionInstanceStatus status = Resources.status(instance);
        String name = "instance '" + instance.getMetadata().getName() + "'";
        if (status.migration() != null) {
            throw conflict(name + " is on its way: migration '" + status.migration() + "'");
        }
        if (status.site() == null) {
            throw conflict(name + " has not started yet");
        }
        if (to.equals(instance.getSpec().site())) {
            String how =
                    to.equals(status.site()) ? " is at site '" + to + "'" : " is going to site '" + to + "' already";
            throw conflict(name + how);
        }
    }

    /**
     * What becomes of a wish.
     *
     * @param name of the migration that the instance's reconciler is going to create; null if none is needed
     * @param withdrawn whether an earlier wish is taken back: the instance stays where it is
     */
    record Accepted(String namespace, @Nullable String name, boolean withdrawn) {}

    private static ProblemException conflict(String detail) {
        return new ProblemException(Problem.of(409, detail));
    }
}
