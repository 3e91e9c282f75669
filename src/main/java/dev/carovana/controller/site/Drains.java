// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.api.v1alpha1.SiteStatus.DrainFailure;
import dev.carovana.controller.Events;
import dev.carovana.controller.Namespaces;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves the instances of a site away, some at a time. It remembers nothing: who is under way, who has left and what
 * failed is read from instances and migrations each time.
 */
@ApplicationScoped
class Drains {
    private final KubernetesClient client;
    private final Moves moves;
    private final Namespaces namespaces;
    private final Events events;
    private final Clock clock = Clock.systemUTC();

    Drains(KubernetesClient client, Moves moves, Namespaces namespaces, Events events) {
        this.client = client;
        this.moves = moves;
        this.namespaces = namespaces;
        this.events = events;
    }

    /** Goes one step. One at a time, or two sites that are drained at once would give away the same place. */
    synchronized DrainPlan advance(Site site, SiteSpec.Drain wanted) {
        Instant now = clock.instant();
        List<FunctionInstance> instances =
                client.resources(FunctionInstance.class).inAnyNamespace().list().getItems();
        List<Migration> migrations =
                client.resources(Migration.class).inAnyNamespace().list().getItems();
        List<Site> sites = client.resources(Site.class).list().getItems();
        Map<String, AllowedSites> allowed = new HashMap<>();
        SiteStatus.Drain before =
                site.getStatus() == null ? null : site.getStatus().drain();
        DrainPlan plan = DrainPlan.of(
                new DrainPlan.Input(
                        site.getMetadata().getName(),
                        wanted,
                        before == null ? now.truncatedTo(ChronoUnit.MICROS) : Instant.parse(before.startedAt()),
                        instances,
                        new MovesUnderWay(migrations),
                        Candidates.of(sites, instances, migrations),
                        namespace -> allowed.computeIfAbsent(namespace, namespaces::allowedSites)),
                now);
        plan.wishes().forEach(this::write);
        for (DrainFailure failure : plan.progress().failed()) {
            if (before == null || !before.failed().contains(failure)) {
                events.warn(site, reason(failure));
            }
        }
        return plan;
    }

    private void write(DrainPlan.Wish wish) {
        try {
            moves.write(
                    wish.instance(),
                    wish.site(),
                    Map.of(MobilityAnnotations.REASON, MigrationSpec.Reason.Drain.name()));
        } catch (KubernetesClientException e) {
            // somebody wrote the instance meanwhile, or deleted it: the next step sees what it is like then
            if (e.getCode() != 409 && e.getCode() != 404) {
                throw e;
            }
        }
    }

    private static Reason reason(DrainFailure failure) {
        return new Reason(
                "DrainFailed",
                failure.namespace() + "/" + failure.instance() + ": " + failure.reason() + ": " + failure.message());
    }
}
