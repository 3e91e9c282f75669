// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.Pods;
import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Freezer;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.link.v1.Abort;
import dev.carovana.link.v1.Handover;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.PreCopy;
import dev.carovana.link.v1.Verdict;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jboss.logging.Logger;

/** The migrations whose source is a pod of this node. Thread-safe; orders may come twice. */
public final class Sources {
    private static final Logger LOG = Logger.getLogger(Sources.class);

    private final AgentConfig config;
    private final Node node;
    private final Journal journal;
    private final Reports reports;
    private final SSLContext tls;
    private final Pods pods;
    private final Map<String, SourceMigration> migrations = new ConcurrentHashMap<>();
    private final Set<String> deletedPods = ConcurrentHashMap.newKeySet();

    public Sources(AgentConfig config, Node node, Journal journal, Reports reports, SSLContext tls, Pods pods) {
        this.config = config;
        this.node = node;
        this.journal = journal;
        this.reports = reports;
        this.tls = tls;
        this.pods = pods;
    }

    /** Gets ready, and sends ahead. */
    public void preCopy(PreCopy order) {
        SourceMigration known = migrations.get(order.getMigration());
        if (known == null) {
            begin(order, migration -> {});
        } else {
            reports.send(known.record());
        }
    }

    /** Freezes: at once if it is ready, else as soon as it is. */
    public void handOver(Handover order) {
        SourceMigration known = migrations.get(order.getMigration());
        if (known == null) {
            begin(preparationOf(order), migration -> migration.handOver(order));
        } else if (!known.handOver(order) && known.record().step() != SourceStep.PREPARING) {
            reports.send(known.record()); // a hub that does not know the step would order it again at once
        }
    }

    /** A hub need not have asked for it before. */
    private static PreCopy preparationOf(Handover order) {
        return PreCopy.newBuilder()
                .setMigration(order.getMigration())
                .setPod(order.getPod())
                .addAllContainers(order.getContainersList())
                .addAllSendVolumes(order.getSendVolumesList())
                .setDestinationSite(order.getDestinationSite())
                .setDestinationAddress(order.getDestinationAddress())
                .setToken(order.getToken())
                .build();
    }

    /** @param first is done before the migration runs */
    private void begin(PreCopy order, Consumer<SourceMigration> first) {
        Optional<Pod> found =
                pods.find(order.getPod().getNamespace(), order.getPod().getName());
        if (found.isEmpty()) {
            return; // another node's agent has it
        }
        Pod pod = found.get();
        Optional<SourceRecord> busy = movingAway(pod.getMetadata().getUid());
        SourceMigration migration =
                add(SourceRecord.of(order, Micros.now()), PodVolumes.of(pod, order.getSendVolumesList()));
        if (busy.isPresent()) {
            migration.refuse(
                    "PodBusy",
                    "the pod is being moved by migration " + busy.get().migration());
            return;
        }
        first.accept(migration);
        PodKey key = new PodKey(
                order.getPod().getNamespace(),
                order.getPod().getName(),
                pod.getMetadata().getUid());
        Map<String, String> ids = running(pod, order.getContainersList());
        String address = pod.getStatus().getPodIP();
        Thread.ofPlatform().name("source").daemon().start(() -> migration.run(key, ids, address));
    }

    private static Map<String, String> running(Pod pod, List<String> containers) {
        return PodContainers.statuses(pod).stream()
                .filter(status -> containers.contains(status.getName()))
                .filter(status -> status.getState().getRunning() != null)
                .collect(Collectors.toMap(ContainerStatus::getName, Sources::runtimeId));
    }

    private static String runtimeId(ContainerStatus status) {
        String id = status.getContainerID();
        return id.substring(id.indexOf("://") + 3);
    }

    /** A pod is touched by one migration at a time: a second one would thaw what the first has handed over (R1). */
    private Optional<SourceRecord> movingAway(String podUid) {
        return records().stream()
                .filter(r -> r.pod().uid().equals(podUid))
                .filter(r -> !r.step().isFinal() || r.step() == SourceStep.RELEASED)
                .findFirst();
    }

    /** @param volumes of a pod that is still to be moved */
    private SourceMigration add(SourceRecord record, PodVolumes volumes) {
        SourceMigration migration = new SourceMigration(
                config,
                journal,
                this::report,
                tls,
                (podUid, ids, images) -> new RuncPod(config, node, podUid, ids, images, volumes),
                record);
        migrations.put(record.migration(), migration);
        return migration;
    }

    public void recover(SourceRecord record) {
        SourceMigration migration = add(record, PodVolumes.NONE);
        Thread.ofPlatform().name("source").daemon().start(migration::recover);
    }

    public void abort(Abort order) {
        SourceMigration known = migrations.get(order.getMigration());
        if (known != null) {
            known.abort(order.getReason());
            if (known.record().step().isFinal()) {
                reports.send(known.record());
            }
        } else if (order.hasPod()) {
            forgotten(order.getMigration(), order.getPod(), SourceStep.LOST);
        }
    }

    public void verdict(Verdict order) {
        SourceMigration known = migrations.get(order.getMigration());
        if (known != null) {
            known.verdict(order.getKind());
        } else if (order.hasPod()) {
            boolean restored = order.getKind() == Verdict.Kind.RESTORED;
            forgotten(order.getMigration(), order.getPod(), restored ? SourceStep.RELEASED : SourceStep.LOST);
        }
    }

    /** Written down, so that an order that comes late is refused. Another node's agent may have the pod. */
    private void forgotten(String migration, PodRef ref, SourceStep end) {
        pods.find(ref.getNamespace(), ref.getName()).ifPresent(pod -> {
            PodKey key = new PodKey(
                    ref.getNamespace(), ref.getName(), pod.getMetadata().getUid());
            reports.send(add(SourceRecord.forgotten(migration, key, end, Micros.now()), PodVolumes.NONE)
                    .written());
        });
    }

    /** Forgets a migration that has ended. One in doubt can have been settled without this end, when its pod was deleted. */
    public void finish(String migration) {
        SourceMigration ended = migrations.get(migration);
        if (ended != null
                && ended.record().inDoubt()
                && !pods.exists(ended.record().pod().uid())) {
            ended.podIsGone(); // the next word of the hub finds it ended
        }
        if (ended != null && ended.record().step().isFinal()) {
            migrations.remove(migration);
            deletedPods.remove(ended.record().pod().uid());
            journal.delete(migration);
        }
    }

    /** A pod that was moved away is being deleted: its frozen containers would only wait for their grace period. */
    public void podIsDeleted(String podUid) {
        if (records().stream().anyMatch(record -> record.pod().uid().equals(podUid))) {
            deletedPods.add(podUid);
            endIfReleased(podUid);
        }
    }

    /** The hub may delete a pod, on the destination's word, before this end knows that it is released. */
    private void report(MigrationRecord record) {
        reports.send(record);
        endIfReleased(record.pod().uid());
    }

    private void endIfReleased(String podUid) {
        if (!deletedPods.contains(podUid)) {
            return;
        }
        records().stream()
                .filter(record -> record.pod().uid().equals(podUid) && record.step() == SourceStep.RELEASED)
                .findFirst()
                .ifPresent(record -> Thread.ofVirtual().start(() -> kill(record)));
    }

    private void kill(SourceRecord record) {
        try {
            journal.letEnd(record.pod().uid());
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: kubelet cannot end pod %s", record.migration(), record.pod());
        }
        for (String id : record.containerIds().values()) {
            try {
                RuncState state = RuncState.read(node.see(config.runcRoot() + "/" + id + "/state.json"));
                new Freezer(node.see(state.freezer()), state.unified()).kill();
            } catch (IOException | UncheckedIOException e) {
                LOG.debugf("container %s: %s", id, e.getMessage()); // it was gone already
            }
        }
    }

    public Collection<SourceRecord> records() {
        return List.copyOf(
                migrations.values().stream().map(SourceMigration::record).toList());
    }
}
