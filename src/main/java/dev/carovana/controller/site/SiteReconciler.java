// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.NodeCache;
import dev.carovana.controller.Retries;
import dev.carovana.controller.SiteCache;
import dev.carovana.controller.Statuses;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.link.Agents;
import dev.carovana.link.Gateways;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says of each site whether instances can run there and move there. */
// each look costs requests, and with many moves there would be one for each of their steps
@RateLimited(maxReconciliations = 2, within = 1, unit = TimeUnit.SECONDS)
@GradualRetry(maxAttempts = Retries.ALWAYS, initialInterval = Retries.FIRST_MILLIS, maxInterval = Retries.LAST_MILLIS)
@ControllerConfiguration(name = "site")
public class SiteReconciler implements Reconciler<Site> {
    private static final Duration NET = Duration.ofSeconds(30);
    /** Room at another site, or the end of a back-off, wakes nobody here. */
    private static final Duration DRAIN_NET = Duration.ofSeconds(5);

    private static final String DRAINED = "Drained";

    private final KubernetesClient client;
    private final Agents agents;
    private final Gateways gateways;
    private final Drains drains;
    private final InstanceCache instances;
    private final SiteCache sites;
    private final NodeCache nodes;
    private final Clock clock = Clock.systemUTC();

    SiteReconciler(
            KubernetesClient client,
            Agents agents,
            Gateways gateways,
            Drains drains,
            InstanceCache instances,
            SiteCache sites,
            NodeCache nodes) {
        this.client = client;
        this.agents = agents;
        this.gateways = gateways;
        this.drains = drains;
        this.instances = instances;
        this.sites = sites;
        this.nodes = nodes;
    }

    @Override
    public List<EventSource<?, Site>> prepareEventSources(EventSourceContext<Site> context) {
        SimpleInboundEventSource<Site> connections = new SimpleInboundEventSource<>("connections");
        agents.onSiteChange(site -> connections.propagateEvent(new ResourceID(site)));
        gateways.onSiteChange(site -> connections.propagateEvent(new ResourceID(site)));
        SimpleInboundEventSource<Site> moves = new SimpleInboundEventSource<>("instances");
        instances.onChange((was, now) -> {
            String before = siteOf(was);
            String after = siteOf(now);
            boolean elsewhere = !Objects.equals(before, after);
            Stream.of(before, after)
                    .filter(Objects::nonNull)
                    .distinct()
                    .filter(site -> elsewhere || isDrained(site) && !isSame(was, now))
                    .forEach(site -> moves.propagateEvent(new ResourceID(site)));
        });
        nodes.onChange((before, now) -> {
            if (before == null || now == null || NodeCache.isReady(before) != NodeCache.isReady(now)) {
                Node node = Objects.requireNonNullElse(now, before);
                sites.all().stream()
                        .filter(site -> NodeCache.isOf(node, site))
                        .forEach(site -> connections.propagateEvent(ResourceID.fromResource(site)));
            }
        });
        return List.of(connections, moves);
    }

    private boolean isDrained(String site) {
        return sites.find(site).filter(s -> s.getSpec().drain() != null).isPresent();
    }

    private static @Nullable String siteOf(@Nullable FunctionInstance instance) {
        return instance == null ? null : InstanceStatuses.of(instance).site();
    }

    /** To a drain: annotations are not told of it, users' events change them by the thousand. */
    private static boolean isSame(@Nullable FunctionInstance was, @Nullable FunctionInstance now) {
        if (was == null || now == null) {
            return false;
        }
        FunctionInstanceStatus before = InstanceStatuses.of(was);
        FunctionInstanceStatus after = InstanceStatuses.of(now);
        return Objects.equals(was.getSpec(), now.getSpec())
                && before.phase() == after.phase()
                && Objects.equals(before.migration(), after.migration());
    }

    @Override
    public UpdateControl<Site> reconcile(Site site, Context<Site> context) {
        Resource<Site> where =
                client.resources(Site.class).withName(site.getMetadata().getName());
        Site before = where.get();
        if (before == null) {
            return UpdateControl.noUpdate();
        }
        DrainPlan drain = before.getSpec().drain() == null
                ? null
                : drains.advance(before, before.getSpec().drain());
        Long generation = before.getMetadata().getGeneration();
        Statuses.update(client, where, before, found -> look(found, drain, generation));
        boolean unfinished = drain != null && drain.progress().remaining() > 0;
        return UpdateControl.<Site>noUpdate().rescheduleAfter(unfinished ? DRAIN_NET : NET);
    }

    /**
     * @param drain null if the site is not being drained
     * @param drained generation of the spec that the drain answers
     */
    private SiteStatus look(Site site, @Nullable DrainPlan drain, Long drained) {
        String name = site.getMetadata().getName();
        List<SiteStatus.Agent> connected = agents.at(name).stream()
                .map(a -> new SiteStatus.Agent(
                        a.node(),
                        a.version(),
                        a.address(),
                        a.facts().getCriu(),
                        a.facts().getRunc()))
                .toList();
        List<Condition> before =
                site.getStatus() == null ? null : site.getStatus().conditions();
        Long generation = site.getMetadata().getGeneration();
        List<Condition> conditions = ready(site, before, connected.isEmpty(), generation);
        return new SiteStatus(
                generation,
                instances.countAt(name),
                connected,
                gateways.at(name).size(),
                drain == null ? null : drain.progress(),
                drain == null
                        ? Conditions.without(conditions, DRAINED)
                        : drained(conditions, drain, drained, clock.instant()));
    }

    private static List<Condition> drained(List<Condition> before, DrainPlan drain, Long generation, Instant now) {
        SiteStatus.Drain progress = drain.progress();
        String reason = progress.remaining() == 0 ? "Empty" : drain.moving() ? "Draining" : "Blocked";
        String message = progress.moved() + " of " + progress.total() + " instances have left";
        return Conditions.with(before, DRAINED, progress.remaining() == 0, reason, message, generation, now);
    }

    private List<Condition> ready(Site site, @Nullable List<Condition> before, boolean noAgent, Long generation) {
        if (noAgent) {
            List<String> refused = agents.refusedAt(site.getMetadata().getName());
            return Conditions.with(
                    before,
                    "Ready",
                    false,
                    refused.isEmpty() ? "AgentAbsent" : "AgentRefused",
                    refused.isEmpty() ? "no agent is connected" : String.join("; ", refused),
                    generation,
                    clock.instant());
        }
        List<Node> nodes = this.nodes.of(site);
        String unready = nodes.stream()
                .filter(node -> !NodeCache.isReady(node))
                .map(node -> node.getMetadata().getName())
                .collect(Collectors.joining(", "));
        if (nodes.isEmpty()) {
            return Conditions.with(
                    before,
                    "Ready",
                    false,
                    "NodeAbsent",
                    "the hub has no node of this site",
                    generation,
                    clock.instant());
        }
        return unready.isEmpty()
                ? Conditions.with(before, "Ready", true, "Ready", "", generation, clock.instant())
                : Conditions.with(
                        before, "Ready", false, "NodeNotReady", "not ready: " + unready, generation, clock.instant());
    }
}
