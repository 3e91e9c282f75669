// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.SiteCache;
import dev.carovana.controller.instance.InstanceChanges;
import dev.carovana.controller.instance.InstancePods;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.controller.instance.Moves;
import dev.carovana.controller.route.GatewayDrains;
import dev.carovana.controller.route.Routes;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.link.Agents;
import dev.carovana.link.Agents.Agent;
import dev.carovana.link.PodAddresses;
import dev.carovana.link.v1.Handover;
import dev.carovana.link.v1.PreCopy;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.link.v1.Verdict;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MigrationStep.Effect;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Does what {@link dev.carovana.model.MigrationMachine} decided. Each effect may be done again at any time. */
@ApplicationScoped
class MigrationEffects {
    private final KubernetesClient client;
    private final Agents agents;
    private final PodAddresses addresses;
    private final InstanceStatuses instances;
    private final InstanceCache instanceCache;
    private final SiteCache sites;
    private final Moves moves;
    private final TransferTokens tokens;
    private final Routes routes;
    private final GatewayDrains drains;
    private final DestinationPods destinationPods;
    private final PodMarks marks;
    private final SentVolumes sent;
    private final Clock clock = Clock.systemUTC();
    /** Names of the source pod's containers, by the migration's uid. */
    private final Map<String, List<String>> containers = new ConcurrentHashMap<>();
    /** Migrations whose instance has its new place, by uid: that is written once, not at every look. */
    private final Set<String> switched = ConcurrentHashMap.newKeySet();

    MigrationEffects(
            KubernetesClient client,
            Agents agents,
            PodAddresses addresses,
            InstanceStatuses instances,
            InstanceCache instanceCache,
            SiteCache sites,
            Moves moves,
            TransferTokens tokens,
            Routes routes,
            GatewayDrains drains,
            DestinationPods destinationPods,
            PodMarks marks,
            SentVolumes sent) {
        this.client = client;
        this.agents = agents;
        this.addresses = addresses;
        this.instances = instances;
        this.instanceCache = instanceCache;
        this.sites = sites;
        this.moves = moves;
        this.tokens = tokens;
        this.routes = routes;
        this.drains = drains;
        this.destinationPods = destinationPods;
        this.marks = marks;
        this.sent = sent;
    }

    /**
     * @param why what the agents are told when they have to give up
     */
    void perform(Effect effect, Migration migration, @Nullable Reason why) {
        MigrationStatus status = MigrationStatuses.of(migration);
        if (status.from() == null) {
            return; // refused before it was about any pod
        }
        String uid = migration.getMetadata().getUid();
        switch (effect) {
            case RUN_PREFLIGHT -> {} // the reconciler's own
            case DRAIN -> routes.wrote(migration);
            case CREATE_DESTINATION_POD -> createDestinationPod(migration, status);
            case PREPARE_DESTINATION -> prepare(migration, status);
            case PRE_COPY -> preCopy(migration, status);
            case HAND_OVER -> handOver(migration, status);
            case TELL_SOURCE_RESTORED ->
                agents.send(status.from(), AgentOrders.verdict(migration, status, Verdict.Kind.RESTORED));
            case TELL_SOURCE_NEVER_RESUMED ->
                agents.send(status.from(), AgentOrders.verdict(migration, status, Verdict.Kind.NEVER_RESUMED));
            case SWITCH_ROUTE -> switchRoute(migration, status);
            case FREE_INSTANCE -> freeInstance(migration, status);
            case ABORT_SOURCE -> agents.send(status.from(), AgentOrders.abortSource(migration, status, why));
            case ABORT_DESTINATION ->
                agents.send(migration.getSpec().to(), AgentOrders.abort(uid, "the migration was given up"));
            case DELETE_DESTINATION_POD -> {
                destinationPods.forget(uid);
                deletePod(migration, status.destinationPod());
            }
            case DELETE_SOURCE_POD -> deletePod(migration, status.sourcePod());
            case FINISH -> finish(migration, status, uid);
        }
    }

    /** Tells whoever still speaks of a migration to give it up if it can, and to forget it if it is over. */
    void forget(String uid) {
        for (String site : agents.speaking(uid)) {
            agents.send(site, AgentOrders.abort(uid, "the Migration does not exist any more"));
            agents.send(site, AgentOrders.finish(uid));
        }
    }

    private void createDestinationPod(Migration migration, MigrationStatus status) {
        FunctionInstance instance = instanceCache
                .find(
                        migration.getMetadata().getNamespace(),
                        migration.getSpec().instance())
                .orElse(null);
        Pod source = pod(migration, status.sourcePod()).orElse(null);
        Site site = sites.find(migration.getSpec().to()).orElse(null);
        if (instance == null || source == null || site == null) {
            return; // the next observation tells
        }
        String uid = migration.getMetadata().getUid();
        long epoch = Objects.requireNonNull(status.epoch());
        Pod destination = InstancePods.taking(
                InstancePods.destination(instance, source, site, epoch, uid),
                sent.of(instance).sent());
        containers.put(uid, names(source));
        destinationPods.create(
                uid, MigrationStatuses.isWithinSite(migration) ? InstancePods.apart(destination, site) : destination);
    }

    /** On which of its nodes the pod will be is the site's own affair: each of its agents expects it until the move is over. */
    private void prepare(Migration migration, MigrationStatus status) {
        String uid = migration.getMetadata().getUid();
        ToAgent order = AgentOrders.prepare(migration, status, containers(migration, status), tokens.of(uid));
        Optional<String> not =
                MigrationStatuses.isWithinSite(migration) ? sourceNode(migration, status) : Optional.of("");
        not.ifPresent(node -> agents.unaware(migration.getSpec().to(), uid).stream()
                .filter(agent -> !agent.node().equals(node))
                .forEach(agent -> agents.send(agent, order)));
    }

    /** Within a site its agent is no destination: it has one record of a migration. */
    private Optional<String> sourceNode(Migration migration, MigrationStatus status) {
        return Optional.ofNullable(addresses.nodeOf(
                migration.getSpec().to(),
                migration.getMetadata().getNamespace(),
                Objects.requireNonNull(status.sourcePod())));
    }

    /** Empty while it is away: when it is back, its word wakes us. */
    private Optional<Agent> destination(String uid) {
        return agents.said(uid, Side.DESTINATION).flatMap(said -> agents.find(said.site(), said.node()));
    }

    private void preCopy(Migration migration, MigrationStatus status) {
        String uid = migration.getMetadata().getUid();
        marks.fence(migration, status);
        destination(uid)
                .ifPresent(destination -> agents.send(
                        Objects.requireNonNull(status.from()),
                        ToAgent.newBuilder()
                                .setPreCopy(PreCopy.newBuilder()
                                        .setMigration(uid)
                                        .setPod(AgentOrders.ref(migration, status.sourcePod()))
                                        .addAllContainers(containers(migration, status))
                                        .addAllSendVolumes(sent.of(migration))
                                        .setDestinationSite(migration.getSpec().to())
                                        .setDestinationAddress(destination.address())
                                        .setToken(tokens.of(uid)))
                                .build()));
    }

    private void handOver(Migration migration, MigrationStatus status) {
        String uid = migration.getMetadata().getUid();
        Optional<Agent> destination = destination(uid);
        if (destination.isEmpty()) {
            return;
        }
        String deadline = migration.getSpec().deadline();
        agents.send(
                Objects.requireNonNull(status.from()),
                ToAgent.newBuilder()
                        .setHandover(Handover.newBuilder()
                                .setMigration(uid)
                                .setPod(AgentOrders.ref(migration, status.sourcePod()))
                                .addAllContainers(containers(migration, status))
                                .addAllSendVolumes(sent.of(migration))
                                .setDestinationSite(migration.getSpec().to())
                                .setDestinationAddress(destination.get().address())
                                .setToken(tokens.of(uid))
                                .setDeadlineMillis(
                                        deadline == null
                                                ? 0
                                                : Instant.parse(deadline).toEpochMilli()))
                        .build());
    }

    private void switchRoute(Migration migration, MigrationStatus status) {
        if (switched.contains(migration.getMetadata().getUid())) {
            return;
        }
        Pod destination = pod(migration, status.destinationPod()).orElse(null);
        String me = migration.getMetadata().getName();
        instances.update(
                migration.getMetadata().getNamespace(),
                migration.getSpec().instance(),
                s -> me.equals(s.migration())
                        ? InstanceChanges.moved(
                                s,
                                migration.getSpec().to(),
                                Objects.requireNonNull(status.destinationPod()),
                                destination,
                                addresses.at(
                                        migration.getSpec().to(),
                                        migration.getMetadata().getNamespace(),
                                        status.destinationPod()),
                                Objects.requireNonNull(status.epoch()),
                                clock.instant())
                        : s);
        switched.add(migration.getMetadata().getUid());
    }

    /** After an abort the wish to move is withdrawn too: deleting the Migration is the user's word. */
    private void freeInstance(Migration migration, MigrationStatus status) {
        marks.unfence(migration, status);
        String me = migration.getMetadata().getName();
        if (status.phase() == MigrationPhase.Aborted) {
            instance(migration)
                    .filter(i -> i.getSpec().site().equals(migration.getSpec().to()))
                    .ifPresent(i -> moves.writeAnyhow(i, Objects.requireNonNull(status.from())));
        }
        instances.update(
                migration.getMetadata().getNamespace(),
                migration.getSpec().instance(),
                s -> me.equals(s.migration()) ? InstanceChanges.unlocked(s, clock.instant()) : s);
    }

    private void deletePod(Migration migration, @Nullable String name) {
        client.pods()
                .inNamespace(migration.getMetadata().getNamespace())
                .withName(name)
                .withGracePeriod(1)
                .delete();
    }

    private void finish(Migration migration, MigrationStatus status, String uid) {
        if (status.phase() == MigrationPhase.Succeeded) {
            marks.settle(migration, status);
        }
        marks.forget(uid);
        agents.send(Objects.requireNonNull(status.from()), AgentOrders.finish(uid));
        agents.send(migration.getSpec().to(), AgentOrders.finish(uid));
        agents.forget(uid);
        containers.remove(uid);
        switched.remove(uid);
        drains.forget(uid);
    }

    /** Asked for once: a handover is not to wait for it. */
    private List<String> containers(Migration migration, MigrationStatus status) {
        String uid = migration.getMetadata().getUid();
        List<String> known = containers.get(uid);
        if (known != null) {
            return known;
        }
        List<String> names =
                pod(migration, status.sourcePod()).map(MigrationEffects::names).orElse(List.of());
        if (!names.isEmpty()) {
            containers.put(uid, names);
        }
        return names;
    }

    private static List<String> names(Pod pod) {
        return PodContainers.of(pod.getSpec()).stream().map(Container::getName).toList();
    }

    private Optional<FunctionInstance> instance(Migration migration) {
        return instances.find(
                migration.getMetadata().getNamespace(), migration.getSpec().instance());
    }

    private Optional<Pod> pod(Migration migration, @Nullable String name) {
        return Optional.ofNullable(client.pods()
                .inNamespace(migration.getMetadata().getNamespace())
                .withName(name)
                .get());
    }
}
