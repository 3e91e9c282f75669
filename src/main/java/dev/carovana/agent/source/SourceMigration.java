// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.memory.Pagemap;
import dev.carovana.agent.memory.ProcessMemory;
import dev.carovana.agent.memory.SentPages;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Upload;
import dev.carovana.link.v1.Verdict;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One migration at its source: freezes, dumps, streams, and decides the handover. Run by one thread; {@link #abort} and
 * {@link #verdict} may come from others. Every step is written down before it is done, so that an agent that is started
 * again knows what it owes the pod (R2, R8).
 */
final class SourceMigration {
    private static final Logger LOG = Logger.getLogger(SourceMigration.class);

    private final AgentConfig config;
    private final Journal journal;
    private final Reports reports;
    private final SSLContext tls;
    private final SourcePod.Finder pods;

    private volatile SourceRecord record;
    private volatile boolean aborted;
    private volatile String abortReason = "";
    private volatile Verdict.@Nullable Kind verdict;

    SourceMigration(
            AgentConfig config,
            Journal journal,
            Reports reports,
            SSLContext tls,
            SourcePod.Finder pods,
            SourceRecord record) {
        this.config = config;
        this.journal = journal;
        this.reports = reports;
        this.tls = tls;
        this.pods = pods;
        this.record = record;
    }

    SourceRecord record() {
        return record;
    }

    /** Gives up, if END was not sent; what has been sent cannot be taken back. */
    void abort(String why) {
        abortReason = why;
        aborted = true;
    }

    /** The record, which is on the node's tmpfs now. */
    SourceRecord written() {
        update(r -> r);
        return record;
    }

    /** Ends before it has begun: the pod is not touched. */
    void refuse(String reason, String message) {
        update(r -> r.failed(SourceStep.THAWED, reason, message, Micros.now()));
        reports.send(record);
    }

    /** What the destination told the hub, or an administrator decided. */
    void verdict(Verdict.Kind kind) {
        verdict = kind;
    }

    /** The whole way from a running pod. */
    void run(PodKey found, Map<String, String> containerIds, String address) {
        SourcePod pod = null;
        try {
            update(r -> r.found(found, containerIds));
            checkRunning(containerIds.keySet());
            pod = pod();
            settle(pod, handOver(pod, address));
        } catch (StepFailed e) {
            fail(pod, e.reason(), e.text());
        } catch (RefusedException e) {
            fail(pod, e.reason(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            fail(pod, "TransferFailed", String.valueOf(e.getMessage()));
        }
    }

    private void checkRunning(Set<String> found) throws StepFailed {
        if (!found.equals(Set.copyOf(record.containers()))) {
            throw new StepFailed(
                    "ContainerNotRunning", "containers " + record.containers() + " must run, these do: " + found);
        }
    }

    /** Goes on after a restart of the agent, from what is written. */
    void recover() {
        if (!record.step().isFinal()) {
            fail(pod(), "AgentRestarted", "the source's agent was restarted while the pod was being moved");
        }
    }

    private SourcePod pod() {
        return pods.of(record.pod().uid(), record.containerIds(), journal.images(record.migration()));
    }

    private Upload connect(boolean transfer, String address) throws IOException {
        return Upload.connect(
                tls,
                record.destinationAddress(),
                record.destinationSite(),
                new Messages.Hello(1, record.migration(), record.token(), transfer, address),
                config.transfer().bytesPerSecond().asLongValue(),
                config.transfer().stallTimeout());
    }

    private Standing handOver(SourcePod pod, String address) throws IOException, StepFailed {
        try (Upload upload = connect(true, address)) {
            Standing standing = upload.standing();
            if (standing.step() != DestinationStep.RECEIVING) {
                throw new StepFailed(
                        "DestinationNotReady", "the destination is " + standing.step() + ", expected RECEIVING");
            }
            pod.prepare();
            List<Trees.Tree> files = pod.files();
            Map<String, Map<Integer, SentPages>> ahead = sendAhead(upload, pod, standing.memoryRoom());
            checkNotAborted();
            enter(SourceStep.FREEZING);
            journal.fence(record.pod().uid());
            pod.refuseConnections();
            freeze(pod);
            new PodUpload(upload, pod, ahead, this::measured).send(record.containers(), files, this::dumped);
            received(upload);
            sendEnd(upload);
            return outcome(upload);
        }
    }

    /** While the pod runs. What of it is still so in the freeze need not be sent again. */
    private Map<String, Map<Integer, SentPages>> sendAhead(Upload upload, SourcePod pod, long memoryRoom)
            throws IOException, StepFailed {
        Map<String, Map<Integer, SentPages>> ahead = new HashMap<>();
        long room = config.transfer().memoryAhead() ? memoryRoom : 0;
        for (String container : record.containers()) {
            Map<Integer, SentPages> processes = new HashMap<>();
            ahead.put(container, processes);
            for (Path process : room > 0 ? pod.processes(container) : List.<Path>of()) {
                Optional<ProcessMemory> running = ProcessMemory.of(process, room);
                if (running.isPresent()) {
                    try (ProcessMemory memory = running.get()) {
                        room -= sendMemory(upload, container, memory);
                        processes.put(memory.pid(), memory.sent());
                    }
                }
            }
            checkNotAborted();
        }
        return ahead;
    }

    private long sendMemory(Upload upload, String container, ProcessMemory memory) throws IOException {
        int pid = memory.pid();
        long bytes = upload.memory(container, Pagemap.pagesName(pid), untilAborted(memory));
        byte[] pagemap = memory.sent().pagemap(pid);
        return bytes + upload.memory(container, Pagemap.imageName(pid), new ByteArrayInputStream(pagemap));
    }

    private InputStream untilAborted(InputStream memory) {
        return new FilterInputStream(memory) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return aborted ? -1 : super.read(into, offset, length);
            }
        };
    }

    private void freeze(SourcePod pod) throws StepFailed {
        long at = Micros.now();
        pod.freeze();
        update(r -> {
            SourceRecord frozen = r;
            for (String container : r.containers()) {
                frozen = frozen.measured(container, r.timesOf(container).frozen(at));
            }
            return frozen.enter(SourceStep.FROZEN, Micros.now());
        });
    }

    private synchronized void measured(String container, long dumpedAt, long dumped, long sent) {
        record = record.measured(
                container, record.timesOf(container).dumped(dumpedAt, dumped).sent(sent));
    }

    private void dumped() {
        enter(SourceStep.DUMPED);
    }

    private static void received(Upload upload) throws IOException, StepFailed {
        upload.done();
        Standing received = upload.standing();
        if (received.step() != DestinationStep.RECEIVED) {
            throw new StepFailed(received.reason(), received.message());
        }
    }

    /** The handover. From the record on nothing but the destination's word lets the source go on (R3). */
    private void sendEnd(Upload upload) throws IOException, StepFailed {
        checkNotAborted();
        if (record.deadlineMillis() > 0 && System.currentTimeMillis() > record.deadlineMillis()) {
            throw new StepFailed("DeadlineExceeded", "the deadline came before the handover");
        }
        update(r -> r.sent(upload.bytesSent()).enter(SourceStep.END_SENT, Micros.now()));
        upload.end(new Messages.End(record.times(), record.bytesSent()));
        reports.sendIfItLasts(this::record);
    }

    private void checkNotAborted() throws StepFailed {
        if (aborted) {
            throw new StepFailed("Aborted", abortReason);
        }
    }

    /** After END: what became of it, by this connection or by asking again. */
    private Standing outcome(Upload upload) {
        try {
            Standing standing = upload.standing();
            if (standing.step().isFinal()) {
                return standing;
            }
            LOG.warnf("migration=%s: END was answered with %s", record.migration(), standing.step());
        } catch (IOException e) {
            LOG.warnf("migration=%s: connection lost after END: %s", record.migration(), e.getMessage());
        }
        return ask();
    }

    private Standing ask() {
        return new Question(() -> connect(false, ""), () -> verdict).ask(config.inDoubtAfter(), () -> {
            updateIfPossible(r -> r.inDoubt("the destination does not answer since the handover", Micros.now()));
            reports.send(record);
        });
    }

    private void settle(SourcePod pod, Standing standing) {
        if (standing.step() == DestinationStep.RESTORED) {
            pod.release();
            journal.deleteImages(record.migration());
            update(r -> released(r, standing.restoredAt()));
            reports.send(record);
            return;
        }
        thaw(pod, standing.reason(), standing.message());
    }

    /** With what the destination has measured: its own report may come after this one. */
    private static SourceRecord released(SourceRecord record, Map<String, Long> restoredAt) {
        SourceRecord measured = record;
        for (Map.Entry<String, Long> container : restoredAt.entrySet()) {
            String name = container.getKey();
            measured = measured.measured(name, measured.timesOf(name).restored(container.getValue()));
        }
        return measured.enter(SourceStep.RELEASED, Micros.now());
    }

    /** Any failure: before END the source goes on at once; after it, only if the destination never will. */
    private void fail(@Nullable SourcePod pod, String reason, String message) {
        LOG.warnf("migration=%s step=%s reason=%s: %s", record.migration(), record.step(), reason, message);
        SourcePod leaving = pod == null ? pod() : pod;
        if (record.step() == SourceStep.END_SENT) {
            settle(leaving, ask());
        } else if (!record.step().isFinal()) {
            thaw(leaving, reason, message);
        }
    }

    /** Nothing that goes wrong on the way may keep the pod frozen, a full tmpfs least of all. */
    private void thaw(SourcePod pod, String reason, String message) {
        updateIfPossible(r -> r.failed(SourceStep.THAWING, reason, message, Micros.now()));
        boolean complete = pod.resume();
        unfence();
        journal.deleteImages(record.migration());
        SourceRecord thawed =
                record.failed(complete ? SourceStep.THAWED : SourceStep.LOST, reason, message, Micros.now());
        updateIfPossible(r -> thawed);
        record = thawed; // an agent that is started again would only thaw once more
        reports.send(record);
    }

    private void unfence() {
        if (record.pod().uid().isEmpty()) {
            return;
        }
        try {
            journal.unfence(record.pod().uid());
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: the fence stays", record.migration());
        }
    }

    private void enter(SourceStep step) {
        update(r -> r.enter(step, Micros.now()));
    }

    /** For what an agent that starts again would find by itself. */
    private void updateIfPossible(UnaryOperator<SourceRecord> change) {
        try {
            update(change);
        } catch (UncheckedIOException e) {
            LOG.errorf(e, "migration=%s: not written", record.migration());
        }
    }

    /** Written first: a step that could not be written was not entered. */
    private synchronized void update(UnaryOperator<SourceRecord> change) {
        SourceRecord next = change.apply(record);
        journal.write(next);
        record = next;
    }
}
