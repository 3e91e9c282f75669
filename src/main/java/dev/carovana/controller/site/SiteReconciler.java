// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.Pages;
import dev.carovana.controller.SlimMigrations;
import dev.carovana.controller.Statuses;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.link.Agents;
import dev.carovana.link.Gateways;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says of each site whether instances can run there and move there. */
// each look costs requests, and with many moves there would be one for each of their steps
@RateLimited(maxReconciliations = 2, within = 1, unit = TimeUnit.SECONDS)
@ControllerConfiguration(name = "site")
public class SiteReconciler implements Reconciler<Site> {
    private static final Duration NET = Duration.ofSeconds(30);
    /** Room at another site, or the end of a back-off, wakes nobody here. */
    private static final Duration DRAIN_NET = Duration.ofSeconds(5);

    private static final String DRAINED = "Drained";
    /** What the API server has in memory will do: it is looked at again, and it costs no question to etcd. */
    private static final ListOptions FROM_MEMORY =
            new ListOptionsBuilder().withResourceVersion("0").build();

    private final KubernetesClient client;
    private final Agents agents;
    private final Gateways gateways;
    private final Drains drains;
    private final InstanceCache instances;
    private final Clock clock = Clock.systemUTC();

    SiteReconciler(KubernetesClient client, Agents agents, Gateways gateways, Drains drains, InstanceCache instances) {
        this.client = client;
        this.agents = agents;
        this.gateways = gateways;
        this.drains = drains;
        this.instances = instances;
    }

    @Override
    public List<EventSource<?, Site>> prepareEventSources(EventSourceContext<Site> context) {
        SimpleInboundEventSource<Site> connections = new SimpleInboundEventSource<>("agents");
        agents.onSiteChange(site -> connections.propagateEvent(new ResourceID(site)));
        gateways.onSiteChange(site -> connections.propagateEvent(new ResourceID(site)));
        SimpleInboundEventSource<Site> moves = new SimpleInboundEventSource<>("instances");
        instances.onChange((was, now) -> {
            if (was == null || now == null || !isSame(was, now)) {
                Stream.of(was, now)
                        .filter(Objects::nonNull)
                        .map(i -> InstanceStatuses.of(i).site())
                        .filter(Objects::nonNull)
                        .distinct()
                        .forEach(site -> moves.propagateEvent(new ResourceID(site)));
            }
        });
        var migrations = InformerEventSourceConfiguration.from(Migration.class, Site.class)
                .withItemStore(new SlimMigrations())
                .withInformerListLimit(Pages.OBJECTS)
                // a drain goes on when one begins or ends; what happens between is not told of a site
                .withOnUpdateFilter(
                        (now, before) -> MigrationRequests.isActive(now) != MigrationRequests.isActive(before)
                                || !from(now).equals(from(before)))
                .withSecondaryToPrimaryMapper(migration ->
                        from(migration).map(ResourceID::new).stream().collect(Collectors.toSet()))
                .build();
        return List.of(connections, moves, new InformerEventSource<>(migrations, context));
    }

    private static Optional<String> from(Migration migration) {
        return Optional.ofNullable(migration.getStatus()).map(MigrationStatus::from);
    }

    /** What conditions say is not told of a site, nor do annotations: users' events change them by the thousand. */
    private static boolean isSame(FunctionInstance was, FunctionInstance now) {
        FunctionInstanceStatus before = InstanceStatuses.of(was);
        FunctionInstanceStatus after = InstanceStatuses.of(now);
        return Objects.equals(was.getSpec(), now.getSpec())
                && before.phase() == after.phase()
                && Objects.equals(before.site(), after.site())
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
        List<Node> nodes = client.nodes()
                .withLabelSelector(nodesOf(site))
                .list(FROM_MEMORY)
                .getItems();
        String unready = nodes.stream()
                .filter(node -> node.getStatus().getConditions().stream()
                        .noneMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True")))
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

    /** The site's nodes at the hub: Liqo's virtual ones, or the hub's own. */
    private static LabelSelector nodesOf(Site site) {
        return site.getSpec().liqo() != null
                ? new LabelSelectorBuilder()
                        .addToMatchLabels(
                                "liqo.io/remote-cluster-id",
                                site.getSpec().liqo().clusterID())
                        .build()
                : new LabelSelectorBuilder()
                        .addNewMatchExpression()
                        .withKey("liqo.io/type")
                        .withOperator("DoesNotExist")
                        .endMatchExpression()
                        .build();
    }
}
