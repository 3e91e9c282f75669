// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.hold.HoldServer;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.Journal;
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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The migrations whose destination may be a pod of this node. Thread-safe; orders may come twice. */
public final class Destinations implements TransferServer.Receiver {
    private final AgentConfig config;
    private final Node node;
    private final Journal journal;
    private final Reports reports;
    private final Consumer<DestinationRecord> restored;
    private final Map<String, DestinationMigration> migrations = new ConcurrentHashMap<>();
    private volatile @Nullable HoldServer holders;

    /** @param restored is called after each restore, outside the freeze */
    public Destinations(
            AgentConfig config, Node node, Journal journal, Reports reports, Consumer<DestinationRecord> restored) {
        this.config = config;
        this.node = node;
        this.journal = journal;
        this.reports = reports;
        this.restored = restored;
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
                network -> new HeldPod(node, config.wrapper(), network),
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
