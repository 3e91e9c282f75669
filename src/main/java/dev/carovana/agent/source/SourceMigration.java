// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.files.Tar;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Dump;
import dev.carovana.agent.runtime.Freezer;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.runtime.Shield;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Upload;
import dev.carovana.link.v1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
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
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(2);
    /** A connection that waits to be accepted cannot be dumped: new ones are kept out for as long as an accept may take. */
    private static final Duration ACCEPT = Duration.ofMillis(20);

    private static final Duration ASK_AGAIN = Duration.ofMillis(250);

    /** A step that went wrong, with its reason for the hub. */
    private static final class StepFailed extends Exception {
        private static final long serialVersionUID = 1;

        private final String reason;

        StepFailed(String reason, String message) {
            super(message);
            this.reason = reason;
        }
    }

    private final AgentConfig config;
    private final Node node;
    private final Journal journal;
    private final Reports reports;
    private final SSLContext tls;
    private final Trees trees;
    private final Map<String, RuncState> containers = new LinkedHashMap<>();

    private volatile SourceRecord record;
    private volatile boolean aborted;
    private volatile String abortReason = "";
    private volatile Verdict.@Nullable Kind verdict;

    SourceMigration(
            AgentConfig config, Node node, Journal journal, Reports reports, SSLContext tls, SourceRecord record) {
        this.config = config;
        this.node = node;
        this.journal = journal;
        this.reports = reports;
        this.tls = tls;
        this.trees = new Trees(node);
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

    /** The record, which is on the node's disk now. */
    SourceRecord written() {
        save(record);
        return record;
    }

    /** What the destination told the hub, or an administrator decided. */
    void verdict(Verdict.Kind kind) {
        verdict = kind;
    }

    /** The whole way from a running pod. */
    void run(PodKey pod, Map<String, String> containerIds, String address) {
        save(record.found(pod, containerIds));
        try (Upload upload = connect(true, address)) {
            loadStates();
            handOver(upload);
            settle(await(upload));
        } catch (StepFailed e) {
            fail(e.reason, String.valueOf(e.getMessage()));
        } catch (RefusedException e) {
            fail(e.reason(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            fail("TransferFailed", String.valueOf(e.getMessage()));
        }
    }

    /** Goes on after a restart of the agent, from what is written. */
    void recover() {
        switch (record.step()) {
            case PREPARING, FREEZING, FROZEN, DUMPED, THAWING ->
                fail("AgentRestarted", "the source's agent was restarted before the handover");
            case END_SENT -> fail("AgentRestarted", "the source's agent was restarted after the handover");
            case RELEASED, THAWED, LOST -> {} // told to the hub again by the link
        }
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

    private void loadStates() throws IOException {
        for (Map.Entry<String, String> id : record.containerIds().entrySet()) {
            containers.put(
                    id.getKey(), RuncState.read(node.see(config.runcRoot() + "/" + id.getValue() + "/state.json")));
        }
    }

    private void handOver(Upload upload) throws IOException, StepFailed {
        Standing standing = upload.standing();
        if (standing.step() != DestinationStep.RECEIVING) {
            throw new StepFailed(
                    "DestinationNotReady", "the destination is " + standing.step() + ", expected RECEIVING");
        }
        Path images = Journal.createPrivate(journal.images(record.migration()));
        Shield shield = new Shield(network());
        try (PreparedCommand refuse = shield.prepare(Shield.refuseConnectionsCommand(), images.resolve("refuse.out"));
                PreparedCommand close = shield.prepare(Shield.closeCommand(), images.resolve("close.out"));
                ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Dump> dumps = new LinkedHashMap<>();
            for (Map.Entry<String, RuncState> c : containers.entrySet()) {
                dumps.put(c.getKey(), Dump.prepare(config, node, c.getValue().id(), images.resolve(c.getKey())));
            }
            List<Trees.Tree> moving = trees.of(record.pod().uid(), containers);
            check();
            enter(SourceStep.FREEZING);
            journal.fence(record.pod().uid());
            refuse.go().join();
            LockSupport.parkNanos(ACCEPT.toNanos());
            freeze(close);
            send(upload, workers, dumps, moving);
        }
    }

    private void freeze(PreparedCommand close) throws IOException, StepFailed {
        long at = Micros.now();
        List<Freezer> freezers = freezers();
        for (Freezer freezer : freezers) {
            freezer.requestFreeze();
        }
        var shut = close.go();
        try {
            for (Freezer freezer : freezers) {
                freezer.awaitFrozen(FREEZE_LIMIT);
            }
        } catch (IOException e) {
            throw new StepFailed("FreezeFailed", String.valueOf(e.getMessage()));
        }
        Node.Result result = shut.join();
        if (result.exitCode() != 0) {
            throw new StepFailed("ShieldFailed", result.output());
        }
        SourceRecord frozen = record;
        for (String container : containers.keySet()) {
            frozen = frozen.measured(container, frozen.timesOf(container).frozen(at));
        }
        save(frozen.enter(SourceStep.FROZEN, Micros.now()));
    }

    /** Dumps all containers at once, and sends each as soon as it is dumped. */
    private void send(Upload upload, ExecutorService workers, Map<String, Dump> dumps, List<Trees.Tree> moving)
            throws IOException, StepFailed {
        List<Future<?>> tasks = new ArrayList<>();
        Map<String, Future<Long>> dumped = new LinkedHashMap<>();
        dumps.forEach((container, dump) -> dumped.put(container, workers.submit(dump(dump))));
        for (Trees.Tree tree : moving) {
            tasks.add(workers.submit(sendTree(upload, tree)));
        }
        dumps.forEach((container, dump) -> tasks.add(
                workers.submit(sendImages(upload, container, dump, Objects.requireNonNull(dumped.get(container))))));
        finish(tasks, dumped);
        save(record.enter(SourceStep.DUMPED, Micros.now()));
        upload.done();
        Standing received = upload.standing();
        if (received.step() != DestinationStep.RECEIVED) {
            throw new StepFailed(received.reason(), received.message());
        }
        check();
        if (record.deadlineMillis() > 0 && System.currentTimeMillis() > record.deadlineMillis()) {
            throw new StepFailed("DeadlineExceeded", "the deadline came before the handover");
        }
        save(record.sent(upload.bytesSent()).enter(SourceStep.END_SENT, Micros.now()));
        upload.end();
        reports.send(record);
    }

    private Callable<Long> dump(Dump dump) {
        return () -> {
            dump.run();
            return Micros.now();
        };
    }

    private Callable<Void> sendTree(Upload upload, Trees.Tree tree) {
        return () -> {
            List<String> deletes = tree.kind() == Kind.LAYER ? Tar.whiteouts(tree.path()) : List.of();
            Process tar = Tar.create(tree.path(), deletes);
            upload.tree(tree.kind(), tree.owner(), deletes, Tar.stream(tar));
            Tar.finish(tar);
            return null;
        };
    }

    private Callable<Void> sendImages(Upload upload, String container, Dump dump, Future<Long> dumpedAt) {
        return () -> {
            long at = dumpedAt.get();
            long bytes = 0;
            try (Stream<Path> files = Files.list(dump.images())) {
                for (Path file : files.toList()) {
                    bytes += upload.image(container, file);
                }
            }
            measure(container, at, bytes);
            return null;
        };
    }

    private synchronized void measure(String container, long dumpedAt, long bytes) {
        record = record.measured(
                container, record.timesOf(container).dumped(dumpedAt, bytes).sent(bytes));
    }

    /** Waits for every task, since a dump cannot be cancelled, then tells the first failure; a dump's own comes first. */
    private static void finish(List<Future<?>> tasks, Map<String, Future<Long>> dumps) throws StepFailed {
        StepFailed failure = null;
        for (Map.Entry<String, Future<Long>> dump : dumps.entrySet()) {
            String problem = problem(dump.getValue());
            if (problem != null && failure == null) {
                failure = new StepFailed("DumpFailed", "container " + dump.getKey() + ": " + problem);
            }
        }
        for (Future<?> task : tasks) {
            String problem = problem(task);
            if (problem != null && failure == null) {
                failure = new StepFailed("TransferFailed", problem);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable String problem(Future<?> task) {
        try {
            task.get();
            return null;
        } catch (ExecutionException e) {
            return String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private void check() throws StepFailed {
        if (aborted) {
            throw new StepFailed("Aborted", abortReason);
        }
    }

    /** After END: what became of it, by this connection or by asking again. */
    private Standing await(Upload upload) {
        try {
            return upload.standing();
        } catch (IOException e) {
            LOG.warnf("migration=%s: connection lost after END: %s", record.migration(), e.getMessage());
            return ask();
        }
    }

    /**
     * Asks until there is an answer. A destination that has not got END is told never to take it; only then may the
     * source go on (R3).
     */
    private Standing ask() {
        long doubtful = System.nanoTime() + config.inDoubtAfter().toNanos();
        while (true) {
            Verdict.Kind word = verdict;
            if (word == Verdict.Kind.RESTORED) {
                return new Standing(DestinationStep.RESTORED, "", "", false, Map.of());
            }
            if (word == Verdict.Kind.NEVER_RESUMED) {
                return new Standing(DestinationStep.NEVER_RESUMED, "NeverResumed", "the hub says so", false, Map.of());
            }
            try (Upload question = connect(false, "")) {
                Standing standing = question.standing();
                if (standing.step().beforeHandover()) {
                    question.cancel();
                    standing = question.standing();
                }
                if (standing.step().isFinal()) {
                    return standing;
                }
            } catch (IOException e) {
                LOG.debugf("migration=%s: %s", record.migration(), e.getMessage());
            }
            if (System.nanoTime() > doubtful && !record.inDoubt()) {
                save(record.inDoubt("the destination does not answer since the handover", Micros.now()));
                reports.send(record);
            }
            LockSupport.parkNanos(ASK_AGAIN.toNanos());
        }
    }

    private void settle(Standing standing) {
        if (standing.step() == DestinationStep.RESTORED) {
            journal.deleteImages(record.migration());
            save(record.enter(SourceStep.RELEASED, Micros.now()));
            reports.send(record);
            return;
        }
        thaw(standing.reason(), standing.message());
    }

    /** Any failure: before END the source goes on at once; after it, only if the destination never will. */
    private void fail(String reason, String message) {
        LOG.warnf("migration=%s step=%s reason=%s: %s", record.migration(), record.step(), reason, message);
        if (record.step() == SourceStep.END_SENT) {
            settle(ask());
            return;
        }
        thaw(reason, message);
    }

    private void thaw(String reason, String message) {
        save(record.failed(SourceStep.THAWING, reason, message, Micros.now()));
        Dump.awaitAll(journal.images(record.migration()));
        boolean alive = resume();
        if (!record.pod().uid().isEmpty()) {
            try {
                journal.unfence(record.pod().uid());
            } catch (IOException e) {
                LOG.errorf(e, "migration=%s: fence stays", record.migration());
            }
        }
        journal.deleteImages(record.migration());
        save(record.failed(alive ? SourceStep.THAWED : SourceStep.LOST, reason, message, Micros.now()));
        reports.send(record);
    }

    /** Whether the pod's containers execute again. */
    private boolean resume() {
        try {
            if (containers.isEmpty()) {
                loadStates();
            }
            for (Freezer freezer : freezers()) {
                freezer.thaw();
            }
            if (!containers.isEmpty()) {
                new Shield(network()).open();
            }
            return true;
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: the source cannot go on", record.migration());
            return false;
        }
    }

    private List<Freezer> freezers() {
        return containers.values().stream()
                .map(c -> new Freezer(node.see(c.freezer()), c.unified()))
                .toList();
    }

    /** The pod's network namespace, by a process in it. */
    private Path network() {
        long pid = containers.values().iterator().next().initPid();
        return Path.of("/proc/" + pid + "/ns/net");
    }

    private void enter(SourceStep step) {
        save(record.enter(step, Micros.now()));
    }

    private synchronized void save(SourceRecord next) {
        record = next;
        journal.write(next);
    }
}
