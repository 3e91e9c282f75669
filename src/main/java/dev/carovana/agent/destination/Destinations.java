// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.hold.HoldServer;
import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.hold.HolderState;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.TransferServer;
import dev.carovana.link.v1.Prepare;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The migrations whose destination may be a pod of this node. Thread-safe; orders may come twice. */
public final class Destinations implements TransferServer.Receiver {
    private static final Set<HolderState> ENDS = EnumSet.of(HolderState.HELD, HolderState.FAILED);

    private final AgentConfig config;
    private final Node node;
    private final Journal journal;
    private final Reports reports;
    private final Consumer<DestinationRecord> restored;
    private final Predicate<String> settled;
    private final Function<PodKey, PodVolumes> volumes;
    private final Map<String, DestinationMigration> migrations = new ConcurrentHashMap<>();
    private volatile @Nullable HoldServer holders;

    /**
     * @param restored is called after each restore, outside the freeze
     * @param settled whether the hub says of a pod, by its uid, that nothing will be restored into it any more
     * @param volumes tells which ones with a claim a pod has
     */
    public Destinations(
            AgentConfig config,
            Node node,
            Journal journal,
            Reports reports,
            Consumer<DestinationRecord> restored,
            Predicate<String> settled,
            Function<PodKey, PodVolumes> volumes) {
        this.config = config;
        this.node = node;
        this.journal = journal;
        this.reports = reports;
        this.restored = restored;
        this.settled = settled;
        this.volumes = volumes;
    }

    /** The holders' server, which needs this object first. */
    public void use(HoldServer server) {
        holders = server;
    }

    public void prepare(Prepare order) {
        DestinationMigration known = migrations.get(order.getMigration());
        if (known != null) {
            reports.send(known.record());
            return;
        }
        DestinationRecord record = DestinationRecord.of(order, Micros.now());
        journal.write(record);
        DestinationMigration migration = add(record);
        reports.send(record);
        migration.holdersChanged(); // they may have come first
    }

    private DestinationMigration add(DestinationRecord record) {
        HoldServer server = Objects.requireNonNull(holders, "holders come before orders");
        DestinationMigration migration = new DestinationMigration(
                config,
                journal,
                new MigrationHolders(() -> server.holders(record.migration()), record.pod(), record.containers()),
                reports,
                restored,
                network -> new HeldPod(node, config.wrapper(), network, () -> volumes.apply(record.pod())),
                record);
        migrations.put(record.migration(), migration);
        return migration;
    }

    public void recover(DestinationRecord record) {
        add(record).recover();
    }

    /** A holder of a migration said something. */
    public void holdersChanged(String migration) {
        DestinationMigration known = migrations.get(migration);
        if (known != null) {
            known.holdersChanged();
        }
        HoldServer server = holders;
        if (server != null) {
            server.holders(migration).stream()
                    .map(holder -> holder.status().podUid())
                    .distinct()
                    .filter(settled)
                    .forEach(this::podIsSettled);
        }
    }

    /**
     * A container that is held all the same starts cold instead: it was made anew before the hub's word was there, after a
     * restart of the node, say. So does one that has failed.
     */
    public void podIsSettled(String podUid) {
        HoldServer server = holders;
        if (server != null) {
            server.ofPod(podUid).stream()
                    .filter(holder -> ENDS.contains(holder.status().holderState()))
                    .forEach(Holder::end);
        }
    }

    @Override
    public TransferServer.Session open(String site, Messages.Hello hello) throws IOException {
        DestinationMigration migration = migrations.get(hello.migration());
        if (migration == null) {
            throw new RefusedException(
                    RefusedException.UNKNOWN_MIGRATION, "migration " + hello.migration() + " is not known here");
        }
        DestinationRecord record = migration.record();
        boolean token = MessageDigest.isEqual(
                record.token().getBytes(StandardCharsets.UTF_8), hello.token().getBytes(StandardCharsets.UTF_8));
        if (!token || !record.sourceSite().equals(site)) {
            throw new RefusedException("WrongSource", "site '" + site + "' is not the source of this migration");
        }
        if (hello.transfer()) {
            migration.begin(hello);
        }
        return migration;
    }

    /** Gives a migration up, if END has not come. */
    public void abort(String migration, String reason) {
        DestinationMigration known = migrations.get(migration);
        if (known != null) {
            // not on the link's thread: a restore may hold the migration for a while
            Thread.ofVirtual().start(() -> known.giveUp("Aborted", reason));
        }
    }

    /** Forgets a migration that has ended, here or at the node that its pod has come to. */
    public void finish(String migration) {
        DestinationMigration ended = migrations.get(migration);
        if (ended != null && ended.finish()) {
            migrations.remove(migration);
            journal.delete(migration);
        }
    }

    public Collection<DestinationRecord> records() {
        return migrations.values().stream().map(DestinationMigration::record).toList();
    }
}
