// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.RecordedReports;
import dev.carovana.agent.Settings;
import dev.carovana.agent.journal.FullTmpfs;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.transfer.Certificates;
import dev.carovana.agent.transfer.TransferServer;
import dev.carovana.agent.transfer.Wire;
import dev.carovana.link.v1.Handover;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.PreCopy;
import dev.carovana.link.v1.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A source migration with a pod, a destination and a network that do what the test wants. */
abstract class SourceBed {
    static final String ID = "m-1";
    static final PodKey POD = new PodKey("functions", "cart-1", "uid-1");
    static final Map<String, String> CONTAINERS = Map.of("cart", "c1", "redis", "c2");
    static final Map<String, String> SETTINGS =
            Map.of("carovana.agent.in-doubt-after", "100ms", "carovana.agent.transfer.stall-timeout", "10s");

    @TempDir
    static Path authority;

    static SSLContext source;
    static SSLContext destinationTls;

    @TempDir
    Path run;

    @TempDir
    Path volume;

    final FakeDestination destination = new FakeDestination();
    final RecordedReports reports = new RecordedReports();
    TransferServer server;
    Wire wire;
    Journal journal;
    FullTmpfs tmpfs;
    FakePod pod;
    SourceMigration migration;

    @BeforeAll
    static void certify() {
        Certificates certificates = new Certificates(authority);
        source = certificates.of("edge-a");
        destinationTls = certificates.of("edge-b");
    }

    @BeforeEach
    void meet() throws IOException {
        useServer(TransferServer.start(destinationTls, 0, destination, Duration.ofSeconds(20)));
        journal = new Journal(run);
        tmpfs = new FullTmpfs(journal, ID);
        pod = new FakePod(journal.images(ID));
        migration = migration(record());
    }

    void useServer(TransferServer other) throws IOException {
        server = other;
        wire = new Wire(server.port());
    }

    @AfterEach
    void part() throws IOException {
        wire.close();
        server.close();
    }

    SourceMigration migration(SourceRecord record) {
        return migration(record, Map.of());
    }

    SourceMigration migration(SourceRecord record, Map<String, String> otherSettings) {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.putAll(otherSettings);
        return new SourceMigration(Settings.of(settings), journal, reports, source, (uid, ids, images) -> pod, record);
    }

    static Handover order(long deadline) {
        return Handover.newBuilder()
                .setMigration(ID)
                .setDeadlineMillis(deadline)
                .build();
    }

    SourceRecord record() {
        return SourceRecord.of(
                PreCopy.newBuilder()
                        .setMigration(ID)
                        .setPod(PodRef.newBuilder()
                                .setNamespace(POD.namespace())
                                .setName(POD.name()))
                        .addAllContainers(CONTAINERS.keySet())
                        .setDestinationSite("edge-b")
                        .setDestinationAddress(wire.address())
                        .build(),
                1);
    }

    /** Ordered at once to go all the way. */
    void move() {
        migration.handOver(order(0));
        run();
    }

    void run() {
        migration.run(POD, CONTAINERS, "10.0.0.7");
    }

    Thread moveMeanwhile() {
        return Thread.ofPlatform().daemon().start(this::move);
    }

    /** Told to get ready only, and it is. */
    Thread ready() {
        Thread moving = Thread.ofPlatform().daemon().start(this::run);
        await().until(() ->
                reports.all().stream().anyMatch(record -> record.report().getStep() == Step.PRECOPIED));
        return moving;
    }

    /** What an agent before this one had written. */
    Thread recoverFrom(SourceStep step) throws IOException {
        Files.createDirectories(journal.images(ID));
        journal.fence(POD.uid());
        SourceRecord written = record().found(POD, CONTAINERS).enter(step, 2);
        journal.write(written);
        migration = migration(written);
        return Thread.ofPlatform().daemon().start(migration::recover);
    }

    Path fence() {
        return run.resolve("pods").resolve(POD.uid()).resolve("fenced");
    }

    void assertThawed(String reason) throws IOException {
        assertThat(pod.calls).contains("resume");
        assertThat(migration.record().step()).isEqualTo(SourceStep.THAWED);
        assertThat(migration.record().reason()).isEqualTo(reason);
        assertThat(journal.readAll()).containsExactly(migration.record());
        assertThat(reports.all()).last().isEqualTo(migration.record());
        assertThat(journal.images(ID)).doesNotExist();
        assertThat(fence()).doesNotExist();
    }

    void assertThawedBeforeHandover(String reason) throws IOException {
        assertThawed(reason);
        assertThat(destination.ends).as("the handover").hasValue(0);
    }

    void assertReleased() throws IOException {
        assertThat(pod.calls).doesNotContain("resume").contains("release");
        assertThat(migration.record().step()).isEqualTo(SourceStep.RELEASED);
        assertThat(journal.readAll()).containsExactly(migration.record());
        assertThat(reports.all()).last().isEqualTo(migration.record());
        assertThat(journal.images(ID)).doesNotExist();
        assertThat(fence()).exists();
    }

    void assertFrozen() {
        assertThat(pod.calls).doesNotContain("resume");
        assertThat(migration.record().step()).isEqualTo(SourceStep.END_SENT);
        assertThat(fence()).exists();
    }

    void awaitDoubt() {
        await().until(() -> migration.record().inDoubt());
        assertThat(reports.all()).last().isEqualTo(migration.record());
    }
}
