// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;

/** Instances and migrations as reconcilers of sites read them. */
final class SiteObjects {
    static final String NAMESPACE = "functions";

    private SiteObjects() {}

    /** One of the wish's first generation. */
    static FunctionInstance instance(String name, Phase phase, String site, String wanted) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(name)
                .withGeneration(1L)
                .build());
        instance.setSpec(new FunctionInstanceSpec(
                new FunctionInstanceSpec.FunctionRef("apps/v1", "Deployment", "cart"), "user", wanted));
        String uid = phase == Phase.Pending ? null : "uid";
        instance.setStatus(new FunctionInstanceStatus(
                1L, phase, site, null, name + "-1", uid, 1L, null, null, null, null, null, List.of()));
        return instance;
    }

    static FunctionInstance running(String name, String site) {
        return instance(name, Phase.Running, site, site);
    }

    /** A migration that answers the instance's wish of a generation. */
    static Migration migration(
            FunctionInstance instance, long generation, String to, MigrationPhase phase, Instant since) {
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName(instance.getMetadata().getName() + "-" + (generation + 1))
                .addToAnnotations("carovana.dev/instance-generation", Long.toString(generation))
                .build());
        migration.setSpec(
                new MigrationSpec(instance.getMetadata().getName(), to, MigrationSpec.Reason.Drain, null, null));
        migration.setStatus(new MigrationStatus(
                phase,
                "DumpFailed",
                "CRIU said no",
                "edge-a",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(new MigrationStatus.Transition(phase, since.toString())),
                null,
                null,
                null,
                null,
                null,
                null));
        return migration;
    }
}
