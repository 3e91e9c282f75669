// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.Role;
import dev.carovana.agent.destination.Destinations;
import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.hold.HoldServer;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.link.LinkClient;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.preflight.NodeFacts;
import dev.carovana.agent.preflight.PodPreflight;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.source.Sources;
import dev.carovana.agent.transfer.TransferServer;
import dev.carovana.agent.transfer.TransferTls;
import dev.carovana.agent.transfer.WarmUp;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.link.v1.PodAddress;
import dev.carovana.link.v1.Preflight;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The agent of one node: puts its parts together, and sends the hub's orders to the one that they are for. */
@ApplicationScoped
class Agent {
    private static final Logger LOG = Logger.getLogger(Agent.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final CarovanaConfig carovana;
    private final AgentConfig config;
    private final KubernetesClient client;
    private final String version;

    private volatile @Nullable Parts parts;

    Agent(
            CarovanaConfig carovana,
            AgentConfig config,
            KubernetesClient client,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.carovana = carovana;
        this.config = config;
        this.client = client;
        this.version = version;
    }

    void start(@Observes StartupEvent event) throws IOException {
        if (carovana.role() == Role.AGENT) {
            parts = new Parts();
        }
    }

    void stop(@Observes ShutdownEvent event) throws IOException {
        Parts now = parts;
        if (now != null) {
            now.close();
        }
    }

    /** Whether it knows the pods of its node. */
    boolean isReady() {
        Parts now = parts;
        return now != null && now.ready;
    }

    private final class Parts {
        private final Journal journal = new Journal(config.runDirectory());
        private final Pods pods;
        private final Sources sources;
        private final Destinations destinations;
        private final HoldServer holders;
        private final TransferServer server;
        private final NodeFacts facts;
        private final PodPreflight preflight;
        private final LinkClient link;
        private volatile boolean ready;

        Parts() throws IOException {
            Journal.createPrivate(config.runDirectory());
            Node node = new Node(config.hostRoot(), config.nodeCommand());
            SSLContext tls = TransferTls.context(Path.of(carovana.tls()
                    .directory()
                    .orElseThrow(() -> new IOException("carovana.tls.directory is not set"))));
            Reports reports = this::report;
            List<MigrationRecord> known = journal.readAll();
            pods = new Pods(
                    client,
                    config.node().orElseThrow(() -> new IOException("carovana.agent.node is not set")),
                    this::podChanged,
                    this::podGone,
                    this::podAddressed);
            sources = new Sources(config, node, journal, reports, tls, pods);
            destinations =
                    new Destinations(config, node, journal, reports, pods::restored, pods::isSettled, pod -> pods.find(
                                    pod.namespace(), pod.name())
                            .map(PodVolumes::ofDestination)
                            .orElse(PodVolumes.NONE));
            holders = HoldServer.start(config.runDirectory().resolve("agent.sock"), destinations::holdersChanged);
            destinations.use(holders);
            facts = new NodeFacts(config, node);
            preflight = new PodPreflight(config, node, pods);
            link = new LinkClient(carovana, config, version, facts::now, this::reports, pods::addresses, this::order);
            known.forEach(this::recover);
            server = TransferServer.start(
                    tls,
                    config.transfer().port(),
                    destinations,
                    config.transfer().stallTimeout());
            Thread.ofPlatform()
                    .name("warm-up")
                    .daemon()
                    .start(() -> WarmUp.run(tls, config.site().orElse("")));
            LOG.infof(
                    "agent of node %s at site %s: %d migrations on record",
                    config.node().orElse(""), config.site().orElse(""), known.size());
            pods.start().thenRunAsync(this::podsAreKnown);
        }

        /** Only now can orders be answered. */
        private void podsAreKnown() {
            try {
                removePodsThatAreGone();
            } catch (IOException | UncheckedIOException e) {
                LOG.error("records of pods that are gone stay", e);
            }
            link.start();
            ready = true;
            LOG.infof("the pods of node %s are known", config.node().orElse(""));
        }

        private void recover(MigrationRecord record) {
            switch (record) {
                case SourceRecord source -> sources.recover(source);
                case DestinationRecord destination -> destinations.recover(destination);
            }
        }

        private void report(MigrationRecord record) {
            LOG.infof(
                    "migration=%s pod=%s step=%s reason=%s",
                    record.migration(),
                    record.pod(),
                    record.report().getStep(),
                    record.report().getReason());
            if (link != null) {
                link.send(record);
            }
        }

        private List<Report> reports() {
            return Stream.<MigrationRecord>concat(sources.records().stream(), destinations.records().stream())
                    .map(MigrationRecord::report)
                    .filter(report -> report.getStep() != Step.STEP_UNKNOWN)
                    .toList();
        }

        /** One that cannot be written down is given again: the link is not to end with it. */
        private void order(ToAgent order) {
            try {
                obey(order);
            } catch (UncheckedIOException e) {
                LOG.errorf(e, "not obeyed: %s", order.getBodyCase());
            }
        }

        private void obey(ToAgent order) {
            switch (order.getBodyCase()) {
                case PREFLIGHT -> Thread.ofVirtual().name("preflight").start(() -> answer(order.getPreflight()));
                case PREPARE -> destinations.prepare(order.getPrepare());
                case PRE_COPY -> sources.preCopy(order.getPreCopy());
                case HANDOVER -> sources.handOver(order.getHandover());
                case ABORT -> {
                    sources.abort(order.getAbort());
                    destinations.abort(
                            order.getAbort().getMigration(), order.getAbort().getReason());
                }
                case FINISH -> {
                    sources.finish(order.getFinish().getMigration());
                    destinations.finish(order.getFinish().getMigration());
                }
                case VERDICT -> sources.verdict(order.getVerdict());
                case WELCOME, BODY_NOT_SET -> {} // nothing to do
            }
        }

        private void answer(Preflight question) {
            link.send(preflight.check(question));
        }

        private void podChanged(Pod pod) {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                sources.podIsDeleted(pod.getMetadata().getUid());
            }
            if (Pods.isSettled(pod)) {
                destinations.podIsSettled(pod.getMetadata().getUid());
            }
        }

        private void podAddressed(PodAddress pod) {
            if (link != null) {
                link.send(pod);
            }
        }

        /** Without a grace period it is gone before anybody has seen that it is being deleted. */
        private void podGone(Pod pod) {
            sources.podIsDeleted(pod.getMetadata().getUid());
            remove(pod.getMetadata().getUid());
        }

        private void removePodsThatAreGone() throws IOException {
            journal.podUids().stream().filter(uid -> !pods.exists(uid)).forEach(this::remove);
        }

        /** A pod without a grace period is gone from the API server before kubelet has ended its containers. */
        private void remove(String podUid) {
            Thread.ofVirtual().name("remove-pod").start(() -> {
                try {
                    journal.letEnd(podUid); // or kubelet could not end what is frozen
                    while (journal.hasContainers(podUid)) {
                        LockSupport.parkNanos(POLL.toNanos());
                    }
                    journal.deletePod(podUid);
                } catch (IOException | UncheckedIOException e) {
                    LOG.errorf(e, "records of pod %s, which is gone, stay", podUid);
                }
            });
        }

        void close() throws IOException {
            link.close();
            server.close();
            holders.close();
            pods.close();
        }
    }
}
