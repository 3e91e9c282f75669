// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.hold.HoldServer;
import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.hold.HolderState;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.runtime.Shield;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.Sink;
import dev.carovana.agent.transfer.TransferServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One migration at its destination: waits until the pod's containers are held, takes what comes, and after END restores
 * all containers or none. All methods are serialised by its monitor; {@link #holdersChanged} wakes whoever waits in it.
 */
final class DestinationMigration implements TransferServer.Session {
    private static final Logger LOG = Logger.getLogger(DestinationMigration.class);

    private final AgentConfig config;
    private final Node node;
    private final Journal journal;
    private final HoldServer holders;
    private final Reports reports;
    private final Consumer<DestinationRecord> restored;
    private final Trees trees;

    private volatile DestinationRecord record;
    private @Nullable PreparedCommand open;

    /** @param restored is called after a restore, outside the freeze */
    DestinationMigration(
            AgentConfig config,
            Node node,
            Journal journal,
            HoldServer holders,
            Reports reports,
            Consumer<DestinationRecord> restored,
            DestinationRecord record) {
        this.config = config;
        this.node = node;
        this.journal = journal;
        this.holders = holders;
        this.reports = reports;
        this.restored = restored;
        this.trees = new Trees(node);
        this.record = record;
    }

    DestinationRecord record() {
        return record;
    }

    /** A holder of the migration said something, or went away. */
    synchronized void holdersChanged() {
        if (record.step() == DestinationStep.EXPECTING && all(s -> s == HolderState.HELD)) {
            held();
        }
        notifyAll();
    }

    private void held() {
        Holder any = mine().iterator().next();
        try {
            save(record.found(any.status().podUid(), any.status().netns()));
            // no packet moves in the new pod until its last container executes
            new Shield(network()).close();
            enter(DestinationStep.HELD);
            reports.send(record);
        } catch (IOException e) {
            giveUp("ShieldFailed", String.valueOf(e.getMessage()));
        }
    }

    /** Goes on after a restart of the agent, from what is written; holders connect again by themselves. */
    synchronized void recover() {
        switch (record.step()) {
            case EXPECTING, HELD -> holdersChanged();
            case RECEIVING, RECEIVED ->
                giveUp("AgentRestarted", "the destination's agent was restarted before the handover");
            case RESTORING, RESUMING, DISCARDING -> Thread.ofVirtual().start(this::end);
            case RESTORED -> restored.accept(record);
            case NEVER_RESUMED, CLEANED -> {} // told to the hub again by the link
        }
    }

    /** A source begins to send. */
    synchronized void begin(Messages.Hello hello) throws IOException {
        save(record.replacing(hello.address()).enter(DestinationStep.RECEIVING, Micros.now()));
        Path images = Journal.createPrivate(journal.images(record.migration()));
        // connections to the outside are bound to the address of the pod that was: CRIU can only restore them if it is
        // here
        Node.Result alias = node(List.of("ip", "address", "replace", record.oldAddress() + "/32", "dev", "lo"));
        if (alias.exitCode() != 0) {
            throw new IOException("ip address: " + alias.output());
        }
        open = new Shield(network()).prepare(List.of("sh", "-c", Shield.openCommand()), images.resolve("open.out"));
    }

    @Override
    public synchronized Standing standing() {
        Map<String, Long> at = new HashMap<>();
        record.times().forEach((container, times) -> at.put(container, times.restoredAt()));
        return new Standing(record.step(), record.reason(), record.message(), false, at);
    }

    @Override
    public synchronized Sink file(Messages.Open file) throws IOException {
        if (record.step() != DestinationStep.RECEIVING) {
            throw new ProtocolException("a file while the destination is " + record.step());
        }
        return switch (file.kind()) {
            case IMAGE ->
                new ImageSink(
                        Journal.createPrivate(image(container(file.owner()))).resolve(Journal.plain(file.name())));
            case LAYER ->
                new TarSink(node.see(holder(container(file.owner())).status().bundle() + "/rootfs"), file.deletes());
            case VOLUME ->
                new TarSink(trees.volumes(record.pod().uid()).resolve(Journal.plain(file.owner())), file.deletes());
            case SHM ->
                new TarSink(trees.sharedMemory(mine().iterator().next().status().sandboxId()), file.deletes());
            case MEMORY -> throw new ProtocolException("memory sent ahead was not asked for");
        };
    }

    private String container(String name) throws ProtocolException {
        if (!record.containers().contains(name)) {
            throw new ProtocolException("container '" + name + "' is not of this migration");
        }
        return name;
    }

    @Override
    public synchronized void received() throws IOException {
        if (record.step() != DestinationStep.RECEIVING) {
            throw new ProtocolException("the transfer ended while the destination is " + record.step());
        }
        enter(DestinationStep.RECEIVED);
    }

    @Override
    public synchronized Standing end() {
        if (record.step() == DestinationStep.RECEIVED) {
            enter(DestinationStep.RESTORING);
        }
        switch (record.step()) {
            case RESTORING -> restore();
            case RESUMING -> resume();
            case DISCARDING -> discard(record.reason(), record.message());
            default -> LOG.warnf("migration=%s: END while %s", record.migration(), record.step());
        }
        return standing();
    }

    /** All containers at once; they stay stopped until all are there. */
    private void restore() {
        reports.send(record);
        long limit = System.nanoTime() + config.restoreTimeout().toNanos();
        Map<String, HolderState> asked = new HashMap<>();
        while (true) {
            for (Holder holder : mine()) {
                HolderState state = holder.status().holderState();
                String name = holder.status().container();
                if (state == HolderState.FAILED) {
                    discard(
                            "RestoreFailed",
                            "container " + name + ": " + holder.status().error());
                    return;
                }
                if (state == HolderState.HELD && asked.put(name, state) == null) {
                    holder.restore(image(name), image(name).resolveSibling("restore"));
                }
            }
            if (all(s -> s == HolderState.RESTORED)) {
                enter(DestinationStep.RESUMING);
                resume();
                return;
            }
            if (!await(limit)) {
                discard("RestoreFailed", "not every container was restored within " + config.restoreTimeout());
                return;
            }
        }
    }

    /** From here on there is no way back: one container may execute. */
    private void resume() {
        for (Holder holder : mine()) {
            holder.resume();
        }
        long limit = System.nanoTime() + config.restoreTimeout().toNanos();
        while (!all(s -> s == HolderState.RESUMED) && await(limit)) {
            for (Holder holder : mine()) {
                if (holder.status().holderState() == HolderState.RESTORED) {
                    holder.resume(); // it has connected anew
                }
            }
        }
        openShield();
        DestinationRecord done = record;
        long at = Micros.now();
        for (String container : record.containers()) {
            done = done.restored(container, at);
        }
        save(done.enter(DestinationStep.RESTORED, at));
        reports.send(record);
        Thread.ofVirtual().name("after-restore").start(this::afterRestore);
    }

    private void openShield() {
        try {
            PreparedCommand waiting = open;
            open = null;
            if (waiting != null && waiting.go().join().exitCode() == 0) {
                return;
            }
            new Shield(network()).open();
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: the packet shield stays closed", record.migration());
        }
    }

    /** Outside the freeze: ends connections that no peer knows, drops the images, tells kubelet. */
    private void afterRestore() {
        try {
            node(List.of("ss", "-K", "src", record.oldAddress()));
            node(List.of("ip", "address", "delete", record.oldAddress() + "/32", "dev", "lo"));
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: connections to the outside may hang", record.migration());
        }
        journal.deleteImages(record.migration());
        restored.accept(record);
    }

    /** Nothing ran, and nothing will: the source may go on. */
    private void discard(String reason, String message) {
        save(record.failed(DestinationStep.DISCARDING, reason, message, Micros.now()));
        fence();
        long limit = System.nanoTime() + config.restoreTimeout().toNanos();
        do {
            mine().forEach(Holder::discard);
        } while (!all(s -> s == HolderState.FAILED || s == HolderState.HELD) && await(limit));
        journal.deleteImages(record.migration());
        save(record.failed(DestinationStep.NEVER_RESUMED, reason, message, Micros.now()));
        reports.send(record);
    }

    @Override
    public synchronized Standing cancel() {
        giveUp("Cancelled", "the source took the migration back before the handover");
        return standing();
    }

    @Override
    public synchronized void cut(String why) {
        giveUp("TransferCut", "the transfer ended before the handover: " + why);
    }

    /** Ends the migration here, if END has not come. A late END finds it ended. */
    synchronized void giveUp(String reason, String message) {
        if (!record.step().beforeHandover()) {
            return;
        }
        fence();
        journal.deleteImages(record.migration());
        if (open != null) {
            open.close();
        }
        save(record.failed(DestinationStep.CLEANED, reason, message, Micros.now()));
        reports.send(record);
    }

    /** The pod must not start cold while the source runs (R1). */
    private void fence() {
        for (Holder holder : mine()) {
            try {
                journal.fence(holder.status().podUid());
            } catch (IOException e) {
                LOG.errorf(
                        e,
                        "migration=%s: pod %s is not fenced",
                        record.migration(),
                        holder.status().podName());
            }
        }
    }

    private Collection<Holder> mine() {
        return holders.holders(record.migration());
    }

    private Holder holder(String container) throws ProtocolException {
        return Optional.of(mine()).stream()
                .flatMap(Collection::stream)
                .filter(h -> h.status().container().equals(container))
                .findFirst()
                .orElseThrow(() -> new ProtocolException("container '" + container + "' is not held any more"));
    }

    /** Whether every container of the migration has a holder in such a state. */
    private boolean all(Predicate<HolderState> wanted) {
        return record.containers().stream().allMatch(name -> mine().stream()
                .anyMatch(h -> h.status().container().equals(name)
                        && wanted.test(h.status().holderState())));
    }

    /** Waits for a word of a holder; false if the time is up. */
    private boolean await(long limit) {
        long left = TimeUnit.NANOSECONDS.toMillis(limit - System.nanoTime());
        if (left <= 0) {
            return false;
        }
        try {
            wait(left);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Path image(String container) {
        return journal.images(record.migration())
                .resolve(Journal.plain(container))
                .resolve("checkpoint");
    }

    private Path network() {
        return node.see(record.network());
    }

    private Node.Result node(List<String> command) throws IOException {
        return node.runInNetwork(network(), command);
    }

    private void enter(DestinationStep step) {
        save(record.enter(step, Micros.now()));
    }

    private void save(DestinationRecord next) {
        record = next;
        journal.write(next);
    }
}
