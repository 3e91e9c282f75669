// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.files.TreeReader;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Upload;
import dev.carovana.link.v1.Handover;
import dev.carovana.link.v1.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One migration at its source: gets ready, waits for the order, freezes, dumps, streams, and decides the handover. Run by
 * one thread; {@link #handOver}, {@link #abort} and {@link #verdict} may come from others. Every step is written down
 * before it is done, so that an agent that is started again knows what it owes the pod (R2, R8).
 */
final class SourceMigration {
    private static final Logger LOG = Logger.getLogger(SourceMigration.class);

    private final AgentConfig config;
    private final Journal journal;
    private final SSLContext tls;
    private final SourcePod.Finder pods;
    private final SourceLog log;
    private final HandoverOrder order = new HandoverOrder();

    private volatile @Nullable StepFailed aborted;
    /** The connection, once all that remains is to send what was dumped: a dump itself cannot be cancelled. */
    private volatile @Nullable Upload sending;

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
        this.tls = tls;
        this.pods = pods;
        this.log = new SourceLog(journal, reports, record);
    }

    SourceRecord record() {
        return log.record();
    }

    /** The order to freeze; false if there is nothing new in it. */
    boolean handOver(Handover given) {
        return !record().step().isFinal() && order.give(given);
    }

    /** Gives up, if END was not sent; what has been sent cannot be taken back. */
    void abort(String why) {
        abort(new StepFailed("Aborted", why));
    }

    private void abort(StepFailed why) {
        aborted = why;
        order.giveUp(why);
        closeIfAborted();
    }

    /** However slow the network is: who asks after END what became of it is answered by another connection. */
    private void closeIfAborted() {
        Upload now = sending;
        if (aborted != null && now != null) {
            now.close();
        }
    }

    /** The record, which is on the node's tmpfs now. */
    SourceRecord written() {
        log.update(r -> r);
        return record();
    }

    /** Ends before it has begun: the pod is not touched. */
    void refuse(String reason, String message) {
        log.update(r -> r.failed(SourceStep.THAWED, reason, message, Micros.now()));
        log.report();
    }

    /** What the destination told the hub, or an administrator decided. */
    void verdict(Verdict.Kind kind) {
        verdict = kind;
    }

    /** The whole way from a running pod. */
    void run(PodKey found, Map<String, String> containerIds, String address) {
        SourcePod pod = null;
        try {
            log.update(r -> r.found(found, containerIds));
            if (!order.isGiven()) {
                log.report(); // who waits for it learns that it has begun
            }
            checkRunning(containerIds.keySet());
            pod = pod();
            settle(pod, move(pod, address));
        } catch (StepFailed e) {
            fail(pod, e.reason(), e.text());
        } catch (RefusedException e) {
            fail(pod, e.reason(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException | Error e) {
            // also one of the virtual machine: whatever it is, the pod must not stay frozen
            fail(pod, "TransferFailed", String.valueOf(e.getMessage()));
        }
    }

    private void checkRunning(Set<String> found) throws StepFailed {
        if (!found.equals(Set.copyOf(record().containers()))) {
            throw new StepFailed(
                    "ContainerNotRunning", "containers " + record().containers() + " must run, these do: " + found);
        }
    }

    /** Goes on after a restart of the agent, from what is written. */
    void recover() {
        if (!record().step().isFinal()) {
            fail(pod(), "AgentRestarted", "the source's agent was restarted while the pod was being moved");
        }
    }

    private SourcePod pod() {
        return pods.of(record().pod().uid(), record().containerIds(), journal.images(record().migration()));
    }

    private Upload connect(Messages.Hello hello) throws IOException {
        return Upload.connect(
                tls,
                record().destinationAddress(),
                record().destinationSite(),
                hello,
                config.transfer().bytesPerSecond().asLongValue(),
                config.transfer().stallTimeout());
    }

    private Messages.Hello hello(String address, Map<String, List<String>> files, Messages.@Nullable Claims claims) {
        return new Messages.Hello(1, record().migration(), record().token(), true, address, files, claims);
    }

    private Messages.Hello question() {
        return new Messages.Hello(1, record().migration(), record().token(), false, "", Map.of());
    }

    private Standing move(SourcePod pod, String address) throws IOException, StepFailed {
        try (Upload upload = connect(hello(address, pod.mountedFiles(), pod.showVolumes(record().migration())))) {
            Standing standing = upload.standing();
            if (standing.step() != DestinationStep.RECEIVING) {
                throw new StepFailed(
                        "DestinationNotReady", "the destination is " + standing.step() + ", expected RECEIVING");
            }
            pod.prepare();
            for (String container : record().containers()) {
                InputStream description = new ByteArrayInputStream(pod.describe(container));
                upload.image(container, RuncState.DESCRIPTORS, description);
            }
            List<TreeReader> files = pod.files();
            long room = config.transfer().memoryAhead() ? standing.memoryRoom() : 0;
            PodUpload.Ahead ahead = new PodUpload.Ahead(
                    new MemoryAhead(upload, pod, () -> aborted != null).send(record().containers(), room),
                    new FilesAhead(upload, pod, () -> aborted != null).send(record().containers(), files));
            stop(pod, awaitOrder(upload));
            try (FreezeLimit limit = new FreezeLimit(config.freezeLimit(), this::abort)) {
                new PodUpload(upload, pod, ahead, log::measured)
                        .send(record().containers(), files, () -> dumped(upload));
                received(upload);
                sendEnd(upload);
            } catch (IOException | StepFailed e) {
                checkNotAborted(); // that has ended the connection
                throw e;
            }
            return outcome(upload);
        }
    }

    private void dumped(Upload upload) {
        log.enter(SourceStep.DUMPED);
        sending = upload;
        closeIfAborted();
    }

    private Handover awaitOrder(Upload upload) throws IOException, StepFailed {
        checkNotAborted();
        if (!order.isGiven()) {
            upload.flush();
            log.enter(SourceStep.PRECOPIED);
            log.report();
        }
        return order.await(config.handoverTimeout(), upload.ended());
    }

    /** From the order to the freeze: users are waiting, so here nothing is started, connected or asked for. */
    private void stop(SourcePod pod, Handover given) throws IOException, StepFailed {
        checkNotAborted();
        if (!pod.runs()) {
            throw new StepFailed("ContainerNotRunning", "a container has ended since the migration began");
        }
        log.update(r -> r.until(given.getDeadlineMillis()).enter(SourceStep.FREEZING, Micros.now()));
        journal.fence(record().pod().uid());
        pod.refuseConnections();
        long at = Micros.now();
        pod.freeze();
        log.update(r -> r.frozen(at).enter(SourceStep.FROZEN, Micros.now()));
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
        sending = null;
        checkNotAborted();
        if (record().deadlineMillis() > 0 && System.currentTimeMillis() > record().deadlineMillis()) {
            throw new StepFailed("DeadlineExceeded", "the deadline came before the handover");
        }
        log.update(r -> r.sent(upload.bytesSent()).enter(SourceStep.END_SENT, Micros.now()));
        upload.end(new Messages.End(record().times(), record().bytesSent()));
        log.reportIfItLasts();
    }

    private void checkNotAborted() throws StepFailed {
        StepFailed why = aborted;
        if (why != null) {
            throw why;
        }
    }

    /** After END: what became of it, by this connection or by asking again. */
    private Standing outcome(Upload upload) {
        try {
            Standing standing = upload.standing();
            if (standing.step().isFinal()) {
                return standing;
            }
            LOG.warnf("migration=%s: END was answered with %s", record().migration(), standing.step());
        } catch (IOException e) {
            LOG.warnf("migration=%s: connection lost after END: %s", record().migration(), e.getMessage());
        }
        return ask();
    }

    private Standing ask() {
        return new Question(() -> connect(question()), () -> verdict).ask(config.inDoubtAfter(), () -> {
            log.updateIfPossible(r -> r.inDoubt("the destination does not answer since the handover", Micros.now()));
            log.report();
            journal.deleteImages(record().migration()); // the destination has them all
        });
    }

    /** Its pod is gone from this node, and the migration is over: nothing is left that could go on. */
    void podIsGone() {
        verdict(Verdict.Kind.RESTORED);
    }

    private void settle(SourcePod pod, Standing standing) {
        if (standing.step() == DestinationStep.RESTORED) {
            pod.release();
            pod.left();
            journal.deleteImages(record().migration());
            log.update(r -> r.restored(standing.restoredAt()).enter(SourceStep.RELEASED, Micros.now()));
            log.report();
            return;
        }
        thaw(pod, standing.reason(), standing.message());
    }

    /** Any failure: before END the source goes on at once; after it, only if the destination never will. */
    private void fail(@Nullable SourcePod pod, String reason, String message) {
        LOG.warnf("migration=%s step=%s reason=%s: %s", record().migration(), record().step(), reason, message);
        SourcePod leaving = pod == null ? pod() : pod;
        if (record().step() == SourceStep.END_SENT) {
            settle(leaving, ask());
        } else if (!record().step().isFinal()) {
            thaw(leaving, reason, message);
        }
    }

    /**
     * Nothing that goes wrong on the way may keep the pod frozen, a full tmpfs least of all. Of a pod that has never stopped
     * only a container that has ended by itself is not there any more: that loses nothing, and is kubelet's to mend.
     */
    private void thaw(SourcePod pod, String reason, String message) {
        boolean ran = record().step().beforeFreeze();
        if (!ran) {
            log.updateIfPossible(r -> r.failed(SourceStep.THAWING, reason, message, Micros.now()));
        }
        boolean complete = pod.resume();
        unfence();
        journal.deleteImages(record().migration());
        log.end(complete || ran ? SourceStep.THAWED : SourceStep.LOST, reason, message);
    }

    private void unfence() {
        if (record().pod().uid().isEmpty()) {
            return;
        }
        try {
            journal.unfence(record().pod().uid());
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: the fence stays", record().migration());
        }
    }
}
