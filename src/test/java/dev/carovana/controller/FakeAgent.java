// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.link.v1.Abort;
import dev.carovana.link.v1.ContainerReport;
import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.Handover;
import dev.carovana.link.v1.PodAddress;
import dev.carovana.link.v1.PodAddresses;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.PreCopy;
import dev.carovana.link.v1.Preflight;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Prepare;
import dev.carovana.link.v1.Reason;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.link.v1.Verdict;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An agent that moves nothing but keeps the protocol, over a real link. Tests make it stop at a step, fail at one, or be
 * silent. Its records outlive its link, as the real one's outlive its process.
 */
final class FakeAgent implements AutoCloseable {
    private static final Set<Step> WAITING = Set.of(Step.PRECOPYING, Step.PRECOPIED);
    private static final Set<Step> BEFORE_END = Set.of(Step.FREEZING, Step.FROZEN, Step.DUMPED);
    private static final Set<Step> NOT_YET = Set.of(Step.EXPECTING, Step.HELD, Step.RECEIVING, Step.RECEIVED);

    private final String node;
    private final FakeSites sites;
    private final FakeLink link;
    private final Map<String, Report> source = new ConcurrentHashMap<>();
    private final Map<String, Report> destination = new ConcurrentHashMap<>();
    private final Map<String, PodRef> pods = new ConcurrentHashMap<>();
    private final Map<Step, Gate> gates = new ConcurrentHashMap<>();
    private final Map<Step, String> failures = new ConcurrentHashMap<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<Report> said = new CopyOnWriteArrayList<>();
    private final Set<ToAgent.BodyCase> deafTo = ConcurrentHashMap.newKeySet();
    private final List<Reason> objections = new CopyOnWriteArrayList<>();
    private volatile PreflightResult files = PreflightResult.getDefaultInstance();
    private final Map<String, PodAddress> addresses = new ConcurrentHashMap<>();
    /** Of all its pods; null for one that does not say where they are. */
    private volatile String address;

    private volatile boolean reachable = true;
    private volatile Facts facts = facts();

    FakeAgent(String site, String node, FakeSites sites, Path certificates, int controllerPort) {
        this.node = node;
        this.sites = sites;
        link = new FakeLink(
                site, node, certificates, controllerPort, () -> facts, this::records, this::addresses, this::order);
    }

    static Facts facts() {
        return Facts.newBuilder()
                .setCriu("4.1.1")
                .setRunc("1.3.3")
                .setWrapper("0.1.0")
                .setArchitecture("amd64")
                .addCpuFlags("sse2")
                .setMemoryAvailableBytes(8L << 30)
                .setTmpfsAvailableBytes(4L << 30)
                .build();
    }

    FakeLink link() {
        return link;
    }

    // what a test may ask for

    Gate stopBefore(Step step) {
        return gates.computeIfAbsent(step, s -> new Gate());
    }

    void failAt(Step step, String reason) {
        failures.put(step, reason);
    }

    void ignore(ToAgent.BodyCase order) {
        deafTo.add(order);
    }

    void object(String code, String message) {
        objections.add(Reason.newBuilder().setCode(code).setMessage(message).build());
    }

    /** What it says of its node when it connects. */
    void facts(Facts value) {
        facts = value;
    }

    /** What its pods have in files, as it says in a preflight. */
    void files(PreflightResult value) {
        files = value;
    }

    /** From now on it says that its pods have an address at their site; as an agent that is newer than before. */
    void tellAddress(String value) {
        link.disconnect();
        address = value;
        link.connect();
    }

    void tell(String instance, String pod, String where) {
        PodAddress now = PodAddress.newBuilder()
                .setNamespace(ControllerBed.NAMESPACE)
                .setName(pod)
                .setInstance(instance)
                .setAddress(where)
                .build();
        addresses.put(pod, now);
        link.send(now);
    }

    /** Whether other agents can reach it. */
    void reachable(boolean value) {
        reachable = value;
    }

    List<String> heard() {
        return heard;
    }

    /** When it first said that a migration has come to a step. */
    Instant saidAt(Step step, String migration) {
        return said.stream()
                .filter(r -> r.getStep() == step && r.getMigration().equals(migration))
                .map(r -> Instant.EPOCH.plus(r.getAtMicros(), ChronoUnit.MICROS))
                .findFirst()
                .orElseThrow();
    }

    Optional<Step> stepOf(Side side, String migration) {
        return Optional.ofNullable((side == Side.SOURCE ? source : destination).get(migration))
                .map(Report::getStep);
    }

    /** As new, but still connected. */
    void reset() {
        gates.values().forEach(Gate::open);
        gates.clear();
        failures.clear();
        deafTo.clear();
        objections.clear();
        heard.clear();
        said.clear();
        files = PreflightResult.getDefaultInstance();
        address = null;
        addresses.clear();
        reachable = true;
        facts = facts();
    }

    // the protocol

    private List<Report> records() {
        return java.util.stream.Stream.concat(source.values().stream(), destination.values().stream())
                .toList();
    }

    private Optional<PodAddresses> addresses() {
        return Optional.ofNullable(address)
                .map(value ->
                        PodAddresses.newBuilder().addAllPods(addresses.values()).build());
    }

    private void order(ToAgent order) {
        heard.add(order.getBodyCase() + " " + subject(order));
        if (deafTo.contains(order.getBodyCase())) {
            return;
        }
        switch (order.getBodyCase()) {
            case PREFLIGHT -> link.send(answer(order.getPreflight()));
            case PREPARE -> prepare(order.getPrepare());
            case PRE_COPY -> preCopy(order.getPreCopy());
            case HANDOVER -> handOver(order.getHandover());
            case ABORT -> abort(order.getAbort());
            case FINISH -> finish(order.getFinish().getMigration());
            case VERDICT -> verdict(order.getVerdict());
            default -> {}
        }
    }

    private static String subject(ToAgent order) {
        return switch (order.getBodyCase()) {
            case PREPARE -> order.getPrepare().getMigration();
            case PRE_COPY -> order.getPreCopy().getMigration();
            case HANDOVER -> order.getHandover().getMigration();
            case ABORT -> order.getAbort().getMigration();
            case FINISH -> order.getFinish().getMigration();
            case VERDICT -> order.getVerdict().getMigration();
            default -> "";
        };
    }

    private PreflightResult answer(Preflight question) {
        PreflightResult.Builder result = PreflightResult.newBuilder()
                .setMigration(question.getMigration())
                .setMemoryBytes(16 << 20)
                .setFilesBytes(1 << 20)
                .mergeFrom(files)
                .addAllReasons(objections);
        if (question.hasPod() && !sites.has(node, question.getPod().getName())) {
            result.addReasons(Reason.newBuilder().setCode("PodNotHere"));
        }
        return result.build();
    }

    private void prepare(Prepare order) {
        Report known = destination.get(order.getMigration());
        if (known != null) {
            link.send(known);
            return;
        }
        pods.put(order.getMigration(), order.getPod());
        enter(destination, Side.DESTINATION, order.getMigration(), Step.EXPECTING, "", "");
        if (sites.has(node, order.getPod().getName())) {
            held(order.getMigration());
        }
    }

    /** kubelet has made the containers of a pod. */
    void podCameUp(Pod pod) {
        if (address != null) {
            tell(
                    pod.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL),
                    pod.getMetadata().getName(),
                    address);
        }
        pods.forEach((migration, ref) -> {
            if (ref.getName().equals(pod.getMetadata().getName())) {
                held(migration);
            }
        });
    }

    private void held(String migration) {
        Thread.ofVirtual().start(() -> {
            if (pass(Step.HELD) && stepOf(Side.DESTINATION, migration).equals(Optional.of(Step.EXPECTING))) {
                enter(destination, Side.DESTINATION, migration, Step.HELD, "", "");
            } else if (failures.containsKey(Step.HELD)) {
                enter(
                        destination,
                        Side.DESTINATION,
                        migration,
                        Step.CLEANED,
                        failures.get(Step.HELD),
                        "could not hold");
            }
        });
    }

    private void preCopy(PreCopy order) {
        String migration = order.getMigration();
        Report known = source.get(migration);
        if (known != null) {
            link.send(known);
        } else if (sites.has(node, order.getPod().getName())) {
            pods.put(migration, order.getPod());
            enter(source, Side.SOURCE, migration, Step.PRECOPYING, "", "");
            Thread.ofVirtual().start(() -> getReady(migration));
        }
    }

    private void getReady(String migration) {
        boolean ready = pass(Step.PRECOPIED);
        if (!stepOf(Side.SOURCE, migration).equals(Optional.of(Step.PRECOPYING))) {
            return; // aborted, or restarted
        }
        if (ready) {
            enter(source, Side.SOURCE, migration, Step.PRECOPIED, "", "");
        } else {
            thaw(migration, failures.getOrDefault(Step.PRECOPIED, "Aborted"));
        }
    }

    /** As one whose process is killed, and that finds its record when it is there again. */
    void restart(String migration) {
        link.disconnect();
        Report known = source.get(migration);
        if (known != null && WAITING.contains(known.getStep())) {
            source.put(
                    migration,
                    report(Side.SOURCE, migration, Step.THAWED, "AgentRestarted", "it was restarted")
                            .build());
        }
        link.connect();
    }

    /** What it has received of a migration is of no use any more. */
    void giveUp(String migration, String reason) {
        enter(destination, Side.DESTINATION, migration, Step.CLEANED, reason, "given up before END");
    }

    private void handOver(Handover order) {
        String migration = order.getMigration();
        Report known = source.get(migration);
        if (known != null && known.getStep() != Step.PRECOPIED) {
            link.send(known);
        } else if (sites.has(node, order.getPod().getName())) {
            pods.put(migration, order.getPod());
            source.put(
                    migration,
                    report(Side.SOURCE, migration, Step.STEP_UNKNOWN, "", "").build());
            Thread.ofVirtual().start(() -> move(order));
        }
    }

    private void move(Handover order) {
        String migration = order.getMigration();
        FakeAgent other = sites.at(order.getDestinationAddress());
        for (Step step : List.of(Step.FREEZING, Step.FROZEN, Step.DUMPED)) {
            if (!pass(step)) {
                thaw(migration, failures.getOrDefault(step, "Aborted"));
                return;
            }
            sites.copies().stop(order.getPod().getName());
            enter(source, Side.SOURCE, migration, step, "", "");
        }
        if (!other.reachable || !other.receive(migration, order.getToken()) || !pass(Step.END_SENT)) {
            thaw(migration, "TransferFailed");
            return;
        }
        enter(source, Side.SOURCE, migration, Step.END_SENT, "", "");
        if (!other.reachable) {
            enter(source, Side.SOURCE, migration, Step.IN_DOUBT, "DestinationUnreachable", "nobody answers");
        } else if (other.end(migration)) {
            enter(source, Side.SOURCE, migration, Step.RELEASED, "", "");
        } else {
            thaw(migration, "RestoreFailed");
        }
    }

    private boolean receive(String migration, String token) {
        if (!stepOf(Side.DESTINATION, migration).equals(Optional.of(Step.HELD)) || token.isEmpty()) {
            return false;
        }
        enter(destination, Side.DESTINATION, migration, Step.RECEIVING, "", "");
        if (!pass(Step.RECEIVED)) {
            enter(
                    destination,
                    Side.DESTINATION,
                    migration,
                    Step.CLEANED,
                    failures.get(Step.RECEIVED),
                    "while receiving");
            return false;
        }
        enter(destination, Side.DESTINATION, migration, Step.RECEIVED, "", "");
        return true;
    }

    private boolean end(String migration) {
        enter(destination, Side.DESTINATION, migration, Step.RESTORING, "", "");
        if (!pass(Step.RESTORED)) {
            enter(destination, Side.DESTINATION, migration, Step.NEVER_RESUMED, failures.get(Step.RESTORED), "not one");
            return false;
        }
        if (sites.has(node, pods.get(migration).getName())) {
            sites.copies().run(pods.get(migration).getName());
        }
        enter(destination, Side.DESTINATION, migration, Step.RESTORED, "", "");
        sites.restored(pods.get(migration));
        return true;
    }

    private void abort(Abort order) {
        String migration = order.getMigration();
        stepOf(Side.DESTINATION, migration)
                .filter(NOT_YET::contains)
                .ifPresent(step ->
                        enter(destination, Side.DESTINATION, migration, Step.CLEANED, "Aborted", order.getReason()));
        Report known = source.get(migration);
        if (known != null && BEFORE_END.contains(known.getStep())) {
            failures.put(Step.DUMPED, "Aborted");
            failures.put(Step.END_SENT, "Aborted");
            gates.values().forEach(Gate::open);
        } else if (known != null && WAITING.contains(known.getStep())) {
            enter(source, Side.SOURCE, migration, Step.THAWED, "Aborted", order.getReason());
        } else if (known == null
                && order.hasPod()
                && sites.has(node, order.getPod().getName())) {
            pods.put(migration, order.getPod());
            enter(source, Side.SOURCE, migration, Step.LOST, "RecordLost", "no record");
        } else if (known != null) {
            link.send(known);
        }
    }

    private void verdict(Verdict order) {
        String migration = order.getMigration();
        if (!stepOf(Side.SOURCE, migration).equals(Optional.of(Step.IN_DOUBT))) {
            return;
        }
        if (order.getKind() == Verdict.Kind.RESTORED) {
            enter(source, Side.SOURCE, migration, Step.RELEASED, "", "");
        } else {
            thaw(migration, "NeverResumed");
        }
    }

    private void finish(String migration) {
        source.remove(migration);
        destination.remove(migration);
    }

    private void thaw(String migration, String reason) {
        sites.copies().run(pods.get(migration).getName());
        enter(source, Side.SOURCE, migration, Step.THAWED, reason, "the source runs on");
    }

    /** Waits if the test wants it; false if it is to fail here. */
    private boolean pass(Step step) {
        Gate gate = gates.get(step);
        if (gate != null) {
            gate.pass();
        }
        return !failures.containsKey(step);
    }

    private void enter(
            Map<String, Report> records, Side side, String migration, Step step, String reason, String message) {
        Report report = report(side, migration, step, reason, message).build();
        records.put(migration, report);
        said.add(report);
        link.send(report);
    }

    private Report.Builder report(Side side, String migration, Step step, String reason, String message) {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        Report.Builder report = Report.newBuilder()
                .setMigration(migration)
                .setSide(side)
                .setStep(step)
                .setReason(reason)
                .setMessage(message)
                .setPodUid(step == Step.EXPECTING ? "" : "uid-at-" + node)
                .setAtMicros(now);
        if (step == Step.END_SENT || step == Step.RELEASED) {
            report.setBytesSent(1000);
        }
        ContainerReport.Builder container = ContainerReport.newBuilder().setName("main");
        switch (step) {
            case DUMPED, END_SENT, RELEASED ->
                report.addContainers(container
                        .setFrozenAtMicros(1_000_000)
                        .setDumpedAtMicros(1_050_000)
                        .setBytesDumped(4000));
            case RESTORED -> report.addContainers(container.setRestoredAtMicros(1_123_456));
            default -> {}
        }
        return report;
    }

    @Override
    public void close() {
        reset();
        link.close();
    }
}
