// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.hold.HolderState;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Hello;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Sink;
import dev.carovana.agent.transfer.TransferServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One migration at its destination: waits until the pod's containers are held and prepared, takes what comes, and after END restores
 * all containers or none. All methods are serialised by its monitor; {@link #holdersChanged} wakes whoever waits in it.
 */
final class DestinationMigration implements TransferServer.Session {
    private static final Logger LOG = Logger.getLogger(DestinationMigration.class);

    /** Memory sent ahead, the dump, and as much for other migrations. */
    private static final int SHARES = 3;

    private final AgentConfig config;
    private final Journal journal;
    private final MigrationHolders holders;
    private final Reports reports;
    private final Consumer<DestinationRecord> restored;
    private final DestinationPod.Finder pods;

    private volatile DestinationRecord record;
    private @Nullable DestinationPod found;
    /** Nothing is written any more. */
    private boolean over;
    /** The record is not on the tmpfs, which is full. */
    private boolean unwritten;
    /** Who was told what will be restored. */
    private final Set<Holder> asked = new HashSet<>();
    /** Who was told to resume after all others. */
    private final Set<Holder> late = new HashSet<>();

    /** @param restored is called after a restore, outside the freeze */
    DestinationMigration(
            AgentConfig config,
            Journal journal,
            MigrationHolders holders,
            Reports reports,
            Consumer<DestinationRecord> restored,
            DestinationPod.Finder pods,
            DestinationRecord record) {
        this.config = config;
        this.journal = journal;
        this.holders = holders;
        this.reports = reports;
        this.restored = restored;
        this.pods = pods;
        this.record = record;
    }

    DestinationRecord record() {
        return record;
    }

    /** A holder of the migration said something, or went away. */
    synchronized void holdersChanged() {
        if (over) {
            return;
        }
        if (record.step() == DestinationStep.EXPECTING && holders.all(HolderState.HELD)) {
            hold(holders.any());
        }
        switch (record.step()) {
            case RECEIVING, RECEIVED -> giveUpIfAnyIsLost();
            case RESTORED -> resumeLate();
            case NEVER_RESUMED -> holders.discard(); // one that was away at the time
            case EXPECTING, HELD, RESTORING, RESUMING, DISCARDING, CLEANED -> {}
        }
        notifyAll();
    }

    private boolean giveUpIfAnyIsLost() {
        boolean lost = holders.anyLost();
        if (lost) {
            giveUp("HolderLost", "a container of the destination pod that was held has ended");
        }
        return lost;
    }

    /** One that was away for longer than it was waited for is told once when it is back. */
    private void resumeLate() {
        holders.connected().stream()
                .filter(holder -> holder.status().holderState() == HolderState.RESTORED)
                .filter(late::add)
                .forEach(Holder::resume);
    }

    /** The pod is there once all that can be done ahead is done: none of it is to fall into the freeze. */
    private void hold(HolderStatus any) {
        try {
            if (asked.isEmpty()) {
                save(record.found(any.podUid(), any.netns()));
                pod().closeShield();
            }
            for (Holder holder : holders.connected()) {
                if (asked.add(holder)) {
                    images(holder.status().container()).prepare(holder);
                }
            }
            if (holders.connected().stream().allMatch(h -> h.status().ready())) {
                enter(DestinationStep.HELD);
                reports.send(record);
            }
        } catch (IOException e) {
            giveUp("HoldFailed", String.valueOf(e.getMessage()));
        }
    }

    /** Goes on after a restart of the agent, from what is written; holders connect again by themselves. */
    synchronized void recover() {
        switch (record.step()) {
            case EXPECTING, HELD -> holdersChanged();
            case RECEIVING, RECEIVED ->
                giveUp("AgentRestarted", "the destination's agent was restarted before the handover");
            case RESTORING, RESUMING, DISCARDING -> Thread.ofVirtual().start(this::goOn);
            case RESTORED -> Thread.ofVirtual().start(this::afterRestore);
            case NEVER_RESUMED, CLEANED ->
                journal.deleteImages(record.migration()); // told to the hub again by the link
        }
    }

    /** A source begins to send. */
    synchronized void begin(Hello hello) throws IOException {
        if (record.step() != DestinationStep.HELD) {
            throw new RefusedException(
                    "DestinationNotReady", "the destination is " + record.step() + ", expected HELD");
        }
        if (giveUpIfAnyIsLost()) {
            throw new RefusedException(record.reason(), record.message());
        }
        save(record.replacing(List.of(hello.address())).enter(DestinationStep.RECEIVING, Micros.now()));
        try {
            Map<HolderStatus, List<String>> files = ofHolders(Objects.requireNonNullElse(hello.files(), Map.of()));
            if (!files.isEmpty()) {
                pod().mountFiles(files);
            }
            if (hello.claims() != null) {
                pod().takeVolumes(
                                record.migration(),
                                ofHolders(hello.claims().shared()),
                                ofHolders(hello.claims().sent()));
            }
            pod().addAddresses(record.oldAddresses());
            pod().expect(Journal.createPrivate(journal.images(record.migration())));
        } catch (IOException e) {
            String reason = e instanceof RefusedException refused ? refused.reason() : "DestinationNotReady";
            String problem = String.valueOf(e.getMessage());
            giveUp(reason, problem);
            throw new RefusedException(reason, problem);
        }
    }

    /** @param paths by container */
    private Map<HolderStatus, List<String>> ofHolders(Map<String, List<String>> paths) throws IOException {
        Map<HolderStatus, List<String>> ofHolders = new HashMap<>();
        for (Map.Entry<String, List<String>> of : paths.entrySet()) {
            if (!of.getValue().isEmpty()) {
                ofHolders.put(holder(container(of.getKey())), of.getValue());
            }
        }
        return ofHolders;
    }

    @Override
    public synchronized Standing standing() {
        Map<String, Long> at = new HashMap<>();
        record.times().forEach((container, times) -> at.put(container, times.restoredAt()));
        return new Standing(record.step(), record.reason(), record.message(), memoryRoom(), at);
    }

    /** Beside the dump, which may be as large: a part of what is free. Of no use to who does not send now. */
    private long memoryRoom() {
        return record.step() == DestinationStep.RECEIVING
                ? (journal.usableSpace() - config.tmpfsReserve().asLongValue()) / SHARES
                : 0;
    }

    @Override
    public synchronized Sink file(Messages.Open file) throws IOException {
        if (record.step() != DestinationStep.RECEIVING) {
            throw new ProtocolException("a file while the destination is " + record.step());
        }
        return switch (file.kind()) {
            case IMAGE -> image(container(file.owner()), file.name());
            case MEMORY -> new ImageSink(images(container(file.owner())).memory(file.name()), () -> {});
            case LAYER, VOLUME, CLAIM, SHM -> pod().tree(file, holder(file));
        };
    }

    /** A holder that hears of the description only with the order to restore is slower, no more. */
    private Sink image(String container, String name) throws IOException {
        Images images = images(container);
        return new ImageSink(images.file(name), () -> {
            if (Images.isDescription(name)) {
                holders.of(container).ifPresent(images::describe);
            }
        });
    }

    private HolderStatus holder(Messages.Open file) throws ProtocolException {
        return file.kind() == Kind.LAYER || file.kind() == Kind.CLAIM ? holder(container(file.owner())) : holders.any();
    }

    private HolderStatus holder(String container) throws ProtocolException {
        return holders.of(container)
                .map(Holder::status)
                .orElseThrow(() -> new ProtocolException("container '" + container + "' is not held any more"));
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
    public synchronized Standing end(Messages.End measured) {
        if (record.step() == DestinationStep.RECEIVED) {
            save(record.measured(measured.times(), measured.bytesSent())
                    .enter(DestinationStep.RESTORING, Micros.now()));
        }
        return goOn();
    }

    /** From the handover on: as far as it can go. Also for an agent that has been started again. */
    private synchronized Standing goOn() {
        switch (record.step()) {
            case RESTORING -> restore();
            case RESUMING -> resume();
            case DISCARDING -> discard(record.reason(), record.message());
            case EXPECTING, HELD, RECEIVING, RECEIVED, RESTORED, NEVER_RESUMED, CLEANED ->
                LOG.warnf("migration=%s: END while %s", record.migration(), record.step());
        }
        return standing();
    }

    /** All containers at once; they stay stopped until all are there. */
    private void restore() {
        reports.sendIfItLasts(this::record);
        String problem;
        try {
            addOlderAddresses();
            problem = new PodRestore(
                            new Restore(this, holders, this::images, config.restoreTimeout()),
                            record.containers().stream().map(this::images).toList(),
                            pod(),
                            journal.images(record.migration()),
                            record.pod().uid())
                    .run();
            if (problem == null) {
                enter(DestinationStep.RESUMING);
            }
        } catch (IOException | UncheckedIOException e) {
            problem = String.valueOf(e.getMessage());
        }
        if (problem == null) {
            resume();
        } else {
            discard("RestoreFailed", problem);
        }
    }

    /**
     * A connection that an earlier move has ended, and the function has not closed yet, is bound to the address that the pod
     * had then.
     */
    private void addOlderAddresses() throws IOException {
        Set<String> bound = new TreeSet<>();
        for (String container : record.containers()) {
            bound.addAll(images(container).boundAddresses());
        }
        bound.removeAll(record.oldAddresses());
        if (!bound.isEmpty()) {
            pod().addAddresses(bound);
            bound.addAll(record.oldAddresses());
            save(record.replacing(bound));
        }
    }

    /**
     * From here on there is no way back: one container may execute. Packets may move before that, since every socket is in
     * its place: what a process sends to a closed shield is sent again a second later only.
     */
    private void resume() {
        try {
            pod().openShield();
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: the packet shield stays closed", record.migration());
        }
        holders.resume();
        // a full tmpfs keeps holders from writing that they resume; what lies there is not needed any more
        holders.awaitResumed(this, () -> journal.deleteImages(record.migration()));
        DestinationRecord done = record;
        long at = Micros.now();
        for (String container : record.containers()) {
            done = done.restored(container, at);
        }
        conclude(done.enter(DestinationStep.RESTORED, at));
        Thread.ofVirtual().name("after-restore").start(this::afterRestore);
    }

    /** Outside the freeze: ends connections that no peer knows, drops the images, tells kubelet. */
    private void afterRestore() {
        journal.deleteImages(record.migration());
        writeLate();
        try {
            pod().endConnections(record.oldAddresses());
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: connections to the outside may hang", record.migration());
        }
        try {
            pod().removeShield();
        } catch (IOException e) {
            LOG.errorf(e, "migration=%s: the packet shield stays, open", record.migration());
        }
        restored.accept(record);
    }

    /** Nothing ran, and nothing will, since nobody was told to: the source may go on. */
    private void discard(String reason, String message) {
        journal.deleteImages(record.migration()); // before the record: the tmpfs may be full
        saveIfPossible(record.failed(DestinationStep.DISCARDING, reason, message, Micros.now()));
        fence();
        holders.awaitDiscarded(this, config.restoreTimeout());
        pod().release();
        conclude(record.failed(DestinationStep.NEVER_RESUMED, reason, message, Micros.now()));
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
        if (over || !record.step().beforeHandover()) {
            return;
        }
        fence();
        if (found != null) {
            found.release();
        }
        journal.deleteImages(record.migration()); // before the record: the tmpfs may be full
        save(record.failed(DestinationStep.CLEANED, reason, message, Micros.now()));
        reports.send(record);
    }

    /** The migration is over: whether it can be forgotten. Where the pod never came, nothing has to end before. */
    synchronized boolean finish() {
        over = record.step().isFinal()
                || record.step() == DestinationStep.EXPECTING
                        && holders.connected().isEmpty();
        return over;
    }

    /** The pod must not start cold while the source runs (R1). */
    private void fence() {
        String uid =
                record.pod().uid().isEmpty() ? holders.podUid() : record.pod().uid();
        if (uid.isEmpty()) {
            return; // nothing of it has come to this node
        }
        try {
            journal.fenceHeld(uid);
        } catch (IOException | UncheckedIOException e) {
            LOG.errorf(e, "migration=%s: pod %s is not fenced", record.migration(), record.pod());
        }
    }

    private DestinationPod pod() {
        DestinationPod pod = found;
        if (pod == null) {
            pod = pods.of(record.network());
            found = pod;
        }
        return pod;
    }

    private Images images(String container) {
        return new Images(journal.images(record.migration()).resolve(Journal.plain(container)));
    }

    /**
     * Ends it, written or not, since the source waits for the word: an agent that is started again goes on from the step before,
     * and comes to the same end. Without its images nothing is restored once more.
     */
    private void conclude(DestinationRecord end) {
        saveIfPossible(end);
        reports.send(record);
    }

    /** There is room now. */
    private synchronized void writeLate() {
        if (unwritten && !over) {
            saveIfPossible(record);
        }
    }

    private void saveIfPossible(DestinationRecord next) {
        record = next;
        unwritten = true;
        try {
            journal.write(next);
            unwritten = false;
        } catch (UncheckedIOException e) {
            LOG.errorf(e, "migration=%s step=%s: not written", record.migration(), record.step());
        }
    }

    private void enter(DestinationStep step) {
        save(record.enter(step, Micros.now()));
    }

    /** Written first: a step that could not be written was not entered. */
    private void save(DestinationRecord next) {
        journal.write(next);
        record = next;
    }
}
