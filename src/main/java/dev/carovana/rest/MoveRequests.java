// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
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

    /** The name that the migration will have; null if none is needed, because a copy serves the instance. */
    @Nullable
    String move(String namespace, String name, NewMigration wanted) {
        for (int attempt = 1; ; attempt++) {
            FunctionInstance instance = store.instance(namespace, name);
            sites.require("to", wanted.to(), namespace);
            refuse(instance, wanted.to());
            long epoch = MigrationRequests.nextEpoch(instance, migrations.of(instance));
            MigrationSpec.Reason reason = Objects.requireNonNullElse(wanted.reason(), MigrationSpec.Reason.Manual);
            try {
                moves.write(instance, wanted.to(), Map.of(MobilityAnnotations.REASON, reason.name()));
                return Resources.status(instance).copy() != null ? null : name + "-" + epoch;
            } catch (KubernetesClientException e) {
                // the status is written often: look again whether the move still makes sense
                if (e.getCode() != 409 || attempt == TRIES) {
                    throw e;
                }
            }
        }
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
        if (to.equals(status.site())) {
            throw conflict(name + " is at site '" + to + "'");
        }
        if (to.equals(instance.getSpec().site())) {
            throw conflict(name + " is going to site '" + to + "' already");
        }
    }

    private static ProblemException conflict(String detail) {
        return new ProblemException(Problem.of(409, detail));
    }
}
