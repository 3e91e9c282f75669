// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.controller.Conditions;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Writes statuses of sites and migrations where no reconciler runs. */
public final class FakeReconcilers {
    private final KubernetesClient client;

    public FakeReconcilers(KubernetesClient client) {
        this.client = client;
    }

    /** As the site's reconciler does. */
    public void ready(String site, boolean ready) {
        client.resources(Site.class).withName(site).editStatus(s -> {
            Long generation = s.getMetadata().getGeneration();
            s.setStatus(new SiteStatus(
                    generation,
                    0,
                    List.of(),
                    0,
                    null,
                    Conditions.with(null, "Ready", ready, "Test", "", generation, Instant.now())));
            return s;
        });
    }

    /** As the site's reconciler does while it drains. */
    public void drained(String site, int moved, int total, String... failed) {
        client.resources(Site.class).withName(site).editStatus(s -> {
            List<SiteStatus.DrainFailure> failures = Stream.of(failed)
                    .map(name -> new SiteStatus.DrainFailure(Hub.NAMESPACE, name, "DrainFailed", "CRIU said no"))
                    .toList();
            Long generation = s.getMetadata().getGeneration();
            s.setStatus(new SiteStatus(
                    generation,
                    total - moved,
                    List.of(),
                    0,
                    new SiteStatus.Drain("2026-11-24T10:00:00Z", total, moved, total - moved, failures),
                    Conditions.with(
                            null,
                            "Drained",
                            moved == total,
                            "Test",
                            moved + " of " + total + " instances have left",
                            generation,
                            Instant.now())));
            return s;
        });
    }

    /** As the migration's reconciler does. */
    public void enters(String migration, MigrationPhase phase, String at) {
        client.resources(Migration.class)
                .inNamespace(Hub.NAMESPACE)
                .withName(migration)
                .editStatus(m -> {
                    MigrationStatus s = m.getStatus();
                    List<MigrationStatus.Transition> transitions = new ArrayList<>(s.transitions());
                    transitions.add(new MigrationStatus.Transition(phase, at));
                    m.setStatus(new MigrationStatus(
                            phase,
                            null,
                            null,
                            s.from(),
                            s.epoch(),
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            transitions,
                            s.containers(),
                            s.freezeMillis(),
                            s.totalMillis(),
                            s.bytesSent(),
                            null,
                            List.of()));
                    return m;
                });
    }
}
