// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.RecordedReports;
import dev.carovana.agent.Settings;
import dev.carovana.agent.criu.FileEntry;
import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.journal.ContainerTimes;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.FullTmpfs;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.PodKey;
import dev.carovana.agent.transfer.Certificates;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Sink;
import dev.carovana.agent.transfer.TransferServer;
import dev.carovana.agent.transfer.Upload;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.Prepare;
import dev.carovana.link.v1.Step;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DestinationMigrationIT {
    private static final String ID = "m-1";
    private static final String OLD_ADDRESS = "10.0.0.7";
    private static final PodKey POD = new PodKey("functions", "cart-1", "uid-2");
    private static final Messages.Hello HELLO = new Messages.Hello(1, ID, "secret", true, OLD_ADDRESS, Map.of());
    private static final Messages.End END =
            new Messages.End(Map.of("cart", new ContainerTimes(1, 2, 0, 4, 5), "redis", ContainerTimes.NONE), 6);

    @TempDir
    private Path run;

    private final List<Holder> connected = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final FakeDestinationPod pod = new FakeDestinationPod();
    private final RecordedReports reports = new RecordedReports();
    private final CompletableFuture<DestinationRecord> restored = new CompletableFuture<>();
    private FakeHolder cart;
    private FakeHolder redis;
    private Journal journal;
    private DestinationMigration migration;

    @BeforeEach
    void expectPod() throws IOException {
        journal = new Journal(run);
        Journal.createPrivate(fence().getParent()); // as carovana-runc does
        cart = holder("cart");
        redis = holder("redis");
        connected.addAll(List.of(cart, redis));
        migration = migration("60s", record());
        journal.write(migration.record());
    }

    private FakeHolder holder(String container) {
        return new FakeHolder(POD, container, events, () -> migration.holdersChanged());
    }

    private static DestinationRecord record() {
        return DestinationRecord.of(
                Prepare.newBuilder()
                        .setMigration(ID)
                        .setPod(PodRef.newBuilder()
                                .setNamespace(POD.namespace())
                                .setName(POD.name()))
                        .addAllContainers(List.of("cart", "redis"))
                        .build(),
                1);
    }

    private DestinationMigration migration(String restoreTimeout, DestinationRecord record) {
        AgentConfig config = Settings.of(Map.of("carovana.agent.restore-timeout", restoreTimeout));
        return new DestinationMigration(
                config,
                journal,
                new MigrationHolders(() -> connected, record.pod(), record.containers()),
                reports,
                restored::complete,
                network -> {
                    assertThat(network).isEqualTo("/run/netns/x");
                    return pod;
                },
                record);
    }

    @ParameterizedTest
    @EnumSource(names = {"EXPECTING", "HELD", "RECEIVING", "RECEIVED"})
    void whatHasAPodHereIsNotForgottenBeforeItHasEnded(DestinationStep step) throws IOException {
        reach(step);

        assertThat(migration.finish()).isFalse();
        migration.giveUp("Aborted", "nobody wants it");

        assertThat(migration.finish()).isTrue();
    }

    @Test
    void nothingIsWrittenOfWhatIsForgotten() {
        connected.clear();
        assertThat(migration.finish()).isTrue();
        journal.delete(ID);

        migration.giveUp("Aborted", "an order that was on its way");
        connected.addAll(List.of(cart, redis));
        migration.holdersChanged();

        assertThat(journal.folder(ID)).doesNotExist();
        assertThat(reports.all()).isEmpty();
    }

    private void held() {
        migration.holdersChanged();
        awaitHeld();
    }

    private void awaitHeld() {
        await().until(() -> migration.record().step() == DestinationStep.HELD);
    }

    /** runc has made its mount points by then, and the files are still to come. */
    @Test
    void filesAreMountedBeforeAnyComes() throws IOException {
        held();
        migration.begin(new Messages.Hello(
                1, ID, "secret", true, OLD_ADDRESS, Map.of("cart", List.of("/etc/app.conf"), "redis", List.of())));

        assertThat(pod.calls).startsWith("close", "mount [/etc/app.conf] in cart");
        assertThat(pod.calls).filteredOn(call -> call.startsWith("mount")).hasSize(1);
    }

    private static Messages.Hello withVolumes() {
        return new Messages.Hello(
                1,
                ID,
                "secret",
                true,
                OLD_ADDRESS,
                Map.of(),
                new Messages.Claims(Map.of("cart", List.of("/shared")), Map.of("redis", List.of("/data"))));
    }

    @Test
    void volumesAreLookedAtBeforeAnythingComes() throws IOException {
        held();
        migration.begin(withVolumes());

        assertThat(pod.calls).contains("shared [/shared] in cart", "sent [/data] in redis");
        migration
                .file(new Messages.Open(0, Kind.CLAIM, "redis", "/data", List.of()))
                .finish();
        assertThat(pod.calls).contains("tree CLAIM redis");
    }

    @Test
    void aVolumeThatIsAnotherOneEndsIt() {
        held();
        pod.failing = true;

        assertThatThrownBy(() -> migration.begin(withVolumes()))
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.reason())
                        .isEqualTo("VolumeNotShared"));
        assertThat(migration.record().step()).isEqualTo(DestinationStep.CLEANED);
        assertThat(migration.record().reason()).isEqualTo("VolumeNotShared");
    }

    /** As from an agent that does not tell them yet. */
    @Test
    void aSourceNeedNotTellMountedFiles() throws IOException {
        held();

        migration.begin(new Messages.Hello(1, ID, "secret", true, OLD_ADDRESS, null));

        assertThat(migration.record().step()).isEqualTo(DestinationStep.RECEIVING);
    }

    private void receiving() throws IOException {
        held();
        migration.begin(HELLO);
        image("cart", "pages-1.img");
    }

    private void received() throws IOException {
        receiving();
        migration.received();
    }

    private void reach(DestinationStep step) throws IOException {
        switch (step) {
            case EXPECTING -> assertThat(migration.record().step()).isEqualTo(step);
            case HELD -> held();
            case RECEIVING -> receiving();
            default -> received();
        }
        assertThat(migration.record().step()).isEqualTo(step);
    }

    private void image(String container, String name) throws IOException {
        image(container, name, "memory".getBytes(UTF_8));
    }

    private void image(String container, String name, byte[] content) throws IOException {
        Sink sink = migration.file(new Messages.Open(0, Kind.IMAGE, container, name, List.of()));
        sink.write(ByteBuffer.wrap(content));
        sink.finish();
    }

    private Path fence() {
        return run.resolve("pods").resolve(POD.uid()).resolve("fenced");
    }

    private void assertWritten(DestinationStep step, String reason) throws IOException {
        assertThat(migration.record().step()).isEqualTo(step);
        assertThat(migration.record().reason()).isEqualTo(reason);
        assertThat(journal.readAll()).containsExactly(migration.record());
        assertThat(reports.all()).last().isEqualTo(migration.record());
    }

    private void assertRestored() throws IOException {
        assertThat(restored).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(migration.record());
        assertWritten(DestinationStep.RESTORED, "");
        assertThat(journal.images(ID)).doesNotExist();
        assertThat(fence()).doesNotExist();
        assertThat(pod.calls).contains("open", "end " + OLD_ADDRESS);
    }

    private void assertNobodyRuns() {
        assertThat(events).doesNotContain("resume cart", "resume redis");
        assertThat(journal.images(ID)).doesNotExist();
        assertThat(fence()).exists();
    }

    @Test
    void aPodArrives(@TempDir Path authority, @TempDir Path dump) throws Exception {
        Certificates certificates = new Certificates(authority);
        SSLContext source = certificates.of("edge-a");
        Files.writeString(dump.resolve("pages-1.img"), "changed");
        Files.writeString(dump.resolve("descriptors.json"), "[]");
        held();
        TransferServer.Receiver receiver = (site, hello) -> {
            migration.begin(hello);
            return migration;
        };
        Duration stall = Duration.ofSeconds(20);
        try (TransferServer server = TransferServer.start(certificates.of("edge-b"), 0, receiver, stall);
                Upload upload = Upload.connect(source, "127.0.0.1:" + server.port(), "edge-b", HELLO, 0, stall)) {
            Standing welcome = upload.standing();
            assertThat(welcome.step()).isEqualTo(DestinationStep.RECEIVING);
            assertThat(welcome.memoryRoom())
                    .isPositive()
                    .isLessThan(run.toFile().getUsableSpace() / 2);
            upload.memory("cart", "pages-1.img", new ByteArrayInputStream("memory".getBytes(UTF_8)));
            upload.memory("cart", "pagemap-1.img", new ByteArrayInputStream("where".getBytes(UTF_8)));
            upload.image("cart", dump.resolve("descriptors.json"));
            upload.image("cart", dump.resolve("pages-1.img"));
            upload.tree(Kind.LAYER, "redis", "", List.of(), new ByteArrayInputStream(new byte[1024]));
            upload.done();
            assertThat(upload.standing().step()).isEqualTo(DestinationStep.RECEIVED);
            Path cart = journal.images(ID).resolve("cart");
            assertThat(cart.resolve("checkpoint/pages-1.img")).hasContent("changed");
            assertThat(cart.resolve("checkpoint/parent/pages-1.img"))
                    .as("where CRIU looks for what has not changed")
                    .hasContent("memory");
            assertThat(cart.resolve("checkpoint/parent/pagemap-1.img")).hasContent("where");
            assertThat(cart.resolve("descriptors.json")).hasContent("[]");
            assertThat(Files.getPosixFilePermissions(journal.images(ID)))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(events).contains("describe cart").doesNotContain("restore cart");
            upload.end(END);

            Standing outcome = upload.standing();
            assertThat(outcome.step()).isEqualTo(DestinationStep.RESTORED);
            assertThat(outcome.restoredAt()).containsOnlyKeys("cart", "redis");
            assertThat(outcome.restoredAt().values()).allMatch(at -> at > 0);
        }
        assertRestored();
        assertThat(pod.calls)
                .containsExactly(
                        "close",
                        "add " + OLD_ADDRESS,
                        "expect",
                        "tree LAYER redis",
                        "tree is whole",
                        "open",
                        "end " + OLD_ADDRESS,
                        "remove");
        assertThat(migration.record().times().get("cart").frozenAt()).isEqualTo(1);
        assertThat(migration.record().bytesSent()).isEqualTo(6);
    }

    @Test
    void theAddressesOfEarlierMovesCanBeBoundTo() throws IOException {
        receiving();
        image("redis", "files.img", FilesImage.of(FilesImage.socket(OLD_ADDRESS), FilesImage.socket("10.0.0.3")));
        migration.received();
        migration.end(END);

        assertRestored();
        assertThat(pod.calls)
                .containsExactly(
                        "close",
                        "add " + OLD_ADDRESS,
                        "expect",
                        "add 10.0.0.3",
                        "open",
                        "end 10.0.0.3",
                        "end " + OLD_ADDRESS,
                        "remove");
    }

    /** @return who was told to go on when the sockets were connected */
    private List<String> endWithConnections() throws IOException {
        List<String> resumed = new CopyOnWriteArrayList<>();
        receiving();
        image("redis", "carovana-connections.json");
        migration.received();
        pod.connecting =
                () -> events.stream().filter(e -> e.startsWith("resume")).forEach(resumed::add);
        migration.end(END);
        assertThat(pod.calls).contains("connect " + POD.uid());
        return resumed;
    }

    @Test
    void socketsBetweenContainersAreConnectedBeforeAnyRuns() throws IOException {
        assertThat(endWithConnections()).isEmpty();

        assertRestored();
        assertThat(pod.calls).containsSubsequence("connect " + POD.uid(), "open");
    }

    @Test
    void aSocketThatCannotBeConnectedIsAFailedRestore() throws IOException {
        pod.unconnectable = true;
        endWithConnections();

        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertNobodyRuns();
    }

    private void endWithStream(FileEntry... files) throws IOException {
        receiving();
        image("redis", "files.img", FilesImage.of(files));
        migration.received();
        cart.restoring = () -> pod.calls.add("restore cart");
        migration.end(END);
    }

    @Test
    void streamsBetweenContainersAreKeptUntilAllAreRestored() throws IOException {
        endWithStream(FilesImage.unix(7, 2, 0, true), FilesImage.unix(8, 1, 7, false));

        assertRestored();
        assertThat(pod.calls)
                .containsSubsequence("keep streams of " + POD.uid(), "restore cart", "let streams go", "open");
    }

    @Test
    void aStreamWithoutItsOtherEndIsAFailedRestore() throws IOException {
        pod.unconnectable = true;
        endWithStream(FilesImage.unix(7, 2, 0, true), FilesImage.unix(8, 1, 7, false));

        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertNobodyRuns();
    }

    @Test
    void otherSocketsNeedNothingKept() throws IOException {
        endWithStream(
                FilesImage.unix(7, 2, 0, true),
                FilesImage.unix(8, 2, 7, false),
                FilesImage.unix(9, 1, 10, false),
                FilesImage.unix(10, 1, 9, false));

        assertRestored();
        assertThat(pod.calls).doesNotContain("keep streams of " + POD.uid());
    }

    @Test
    void aDumpWhoseFilesCannotBeReadIsNotRestored() throws IOException {
        receiving();
        image("redis", "files.img");
        migration.received();
        migration.end(END);

        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertNobodyRuns();
    }

    @Test
    void itIsHeldWhenAllContainersAre() {
        connected.remove(redis);
        migration.holdersChanged();
        assertThat(migration.record().step()).isEqualTo(DestinationStep.EXPECTING);
        connected.add(redis);
        held();

        assertThat(migration.record().pod().uid()).isEqualTo(POD.uid());
        assertThat(events).containsExactlyInAnyOrder("prepare cart", "prepare redis", "cart held", "redis held");
    }

    @Test
    void nothingIsTakenWhileRuncHasVolumesMountedWhereALayersFilesGo() {
        redis.answers.remove("prepare");
        migration.holdersChanged();
        await().until(() -> events.contains("cart held"));
        assertThat(migration.record().step()).isEqualTo(DestinationStep.EXPECTING);
        assertThatThrownBy(() -> migration.begin(HELLO)).isInstanceOf(RefusedException.class);
        redis.say("held");

        awaitHeld();
        assertThat(pod.calls).containsExactly("close");
    }

    @Test
    void anotherPodThatNamesTheMigrationIsNotIt() {
        PodKey other = new PodKey("functions", "evil", "uid-3");
        connected.set(1, new FakeHolder(other, "redis", events, () -> migration.holdersChanged()));
        migration.holdersChanged();

        assertThat(migration.record().step()).isEqualTo(DestinationStep.EXPECTING);
    }

    @Test
    void aPodWhoseShieldDoesNotCloseIsGivenUp() throws IOException {
        pod.failing = true;
        migration.holdersChanged();

        assertWritten(DestinationStep.CLEANED, "HoldFailed");
        assertThat(fence()).exists();
    }

    @Test
    void nobodyRunsUntilAllAreRestored() throws Exception {
        received();
        redis.answers.remove("restore");
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));
        await().until(() -> events.containsAll(List.of("cart restored", "restore redis")));
        redis.say("restored");
        ending.join();

        assertRestored();
        assertThat(events).containsSubsequence("redis restored", "resume cart");
        assertThat(events).containsSubsequence("redis restored", "resume redis");
    }

    @Test
    void packetsMoveBeforeAnybodyRuns() throws IOException {
        received();
        pod.opening = () -> events.add("open");
        migration.end(END);

        assertThat(events).containsSubsequence("cart restored", "open", "resume cart");
        assertThat(events).containsSubsequence("redis restored", "open", "resume redis");
    }

    @Test
    void allAreDiscardedIfOneCannotBeRestored() throws IOException {
        received();
        redis.answers.put("restore", "failed");
        Standing outcome = migration.end(END);

        assertThat(outcome.step()).isEqualTo(DestinationStep.NEVER_RESUMED);
        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertThat(outcome.message()).isEqualTo("container redis: criu said no");
        assertThat(events).contains("discard cart", "cart failed").doesNotContain("discard redis");
        assertThat(pod.calls).endsWith("release");
        assertNobodyRuns();
    }

    @Test
    void aContainerThatIsNeverRestoredIsDiscarded() throws IOException {
        migration = migration("300ms", record());
        received();
        redis.answers.clear();
        migration.end(END);

        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertThat(events).contains("discard cart", "discard redis");
        assertNobodyRuns();
    }

    @Test
    void whoComesBackAfterwardsIsDiscardedToo() throws IOException {
        received();
        redis.answers.put("restore", "failed");
        migration.end(END);
        events.clear();
        connected.set(0, holder("cart").in("restored"));
        migration.holdersChanged();

        assertThat(events).contains("discard cart");
        await().until(() -> events.contains("cart failed"));
        assertNobodyRuns();
    }

    @Test
    void whoConnectsAnewIsAskedAgain() throws Exception {
        received();
        redis.answers.remove("restore");
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));
        await().until(() -> events.contains("restore redis"));
        connected.set(1, holder("redis"));
        migration.holdersChanged();
        ending.join();

        assertRestored();
    }

    @Test
    void aShieldThatStaysClosedDoesNotUndoTheRestore() throws IOException {
        received();
        pod.failing = true;
        migration.end(END);

        assertRestored();
    }

    @Test
    void theEndMayComeTwice() throws IOException {
        received();
        migration.end(END);
        events.clear();
        Standing again = migration.end(new Messages.End(Map.of(), 0));

        assertThat(again.step()).isEqualTo(DestinationStep.RESTORED);
        assertRestored();
        assertThat(migration.record().bytesSent()).isEqualTo(6);
        assertThat(events).isEmpty();
    }

    @Test
    void theEndOfAFailedRestoreMayComeTwice() throws IOException {
        received();
        redis.answers.put("restore", "failed");
        migration.end(END);
        events.clear();

        assertThat(migration.end(END).step()).isEqualTo(DestinationStep.NEVER_RESUMED);
        assertThat(events).isEmpty();
        assertNobodyRuns();
    }

    @ParameterizedTest
    @EnumSource(names = {"EXPECTING", "HELD", "RECEIVING"})
    void anEndBeforeEverythingHasArrivedIsNotObeyed(DestinationStep step) throws IOException {
        reach(step);
        migration.end(END);

        assertThat(migration.record().step()).isEqualTo(step);
        assertThat(events).doesNotContain("restore cart", "restore redis", "resume cart", "resume redis");
    }

    @ParameterizedTest
    @EnumSource(names = {"EXPECTING", "HELD", "RECEIVING", "RECEIVED"})
    void whatIsTakenBackBeforeTheEndIsNeverRestored(DestinationStep step) throws IOException {
        reach(step);
        assertThat(migration.cancel().step()).isEqualTo(DestinationStep.CLEANED);
        assertWritten(DestinationStep.CLEANED, "Cancelled");
        migration.end(END);
        migration.holdersChanged();

        assertWritten(DestinationStep.CLEANED, "Cancelled");
        assertThat(events).doesNotContain("restore cart", "restore redis");
        assertNobodyRuns();
    }

    @ParameterizedTest
    @EnumSource(names = {"RECEIVING", "RECEIVED"})
    void aTransferThatIsCutIsGivenUp(DestinationStep step) throws IOException {
        reach(step);
        migration.cut("the network is gone");

        assertWritten(DestinationStep.CLEANED, "TransferCut");
        assertThat(migration.record().message()).endsWith("the network is gone");
        assertThat(pod.calls).endsWith("release");
        assertNobodyRuns();
    }

    @Test
    void afterTheEndNothingIsTakenBack() throws IOException {
        received();
        migration.end(END);
        migration.cut("the source has what it wanted");
        migration.giveUp("Aborted", "too late");

        assertThat(migration.cancel().step()).isEqualTo(DestinationStep.RESTORED);
        assertRestored();
    }

    @Test
    void aFullTmpfsDoesNotKeepTheImages() throws IOException {
        receiving();
        new FullTmpfs(journal, ID).fill();

        assertThatThrownBy(() -> migration.cut("no room left")).isInstanceOf(UncheckedIOException.class);
        assertNobodyRuns();
    }

    @ParameterizedTest
    @EnumSource(names = {"RECEIVING", "RECEIVED"})
    void aContainerThatEndsBeforeTheEndIsMissedAtOnce(DestinationStep step) throws IOException {
        reach(step);
        connected.remove(redis);
        migration.holdersChanged();

        assertWritten(DestinationStep.CLEANED, "HolderLost");
        assertThat(migration.end(END).step()).isEqualTo(DestinationStep.CLEANED);
        assertNobodyRuns();
    }

    @Test
    void nothingIsReceivedForAContainerThatHasEnded() throws IOException {
        held();
        connected.remove(redis);
        migration.holdersChanged();

        assertThatThrownBy(() -> migration.begin(HELLO))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("that was held has ended");
        assertWritten(DestinationStep.CLEANED, "HolderLost");
    }

    /** Not as long as a restore may take: the source is frozen. */
    @Test
    @Timeout(30)
    void aContainerThatEndsWhileItIsRestoredIsNotWaitedForLong() throws Exception {
        received();
        redis.answers.remove("restore");
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));
        await().until(() -> events.containsAll(List.of("cart restored", "restore redis")));
        connected.remove(redis);
        migration.holdersChanged();
        ending.join();

        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertNobodyRuns();
    }

    @Test
    void whoComesBackLateIsResumed() throws IOException {
        received();
        redis.answers.remove("resume");
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));
        await().until(() -> events.contains("resume redis"));
        connected.remove(redis);
        migration.holdersChanged();
        await("it is given up").atMost(Duration.ofSeconds(20)).until(() -> !ending.isAlive());
        assertRestored();

        FakeHolder back = holder("redis").in("restored");
        connected.add(back);
        events.clear();
        migration.holdersChanged();
        await().until(() -> back.status().state().equals("resumed"));
        assertThat(events).containsOnlyOnce("resume redis");
    }

    /** A stopped container has not moved, whatever the reason. */
    @Test
    void nothingIsSaidWhileAContainerIsStopped() throws Exception {
        migration = migration("300ms", record());
        received();
        redis.answers.put("resume", "restored"); // as one that cannot write on a full tmpfs that it resumes
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));

        await("room is made").until(() -> !Files.exists(journal.images(ID)));
        assertThat(migration.record().step()).isEqualTo(DestinationStep.RESUMING);
        assertThat(events)
                .filteredOn("resume redis"::equals)
                .as("once a second")
                .hasSizeLessThan(10);
        redis.answers.put("resume", "resumed");
        ending.join();
        assertRestored();
    }

    @Test
    void oneThatFailsWhileAllResumeIsNotWaitedFor() throws IOException {
        received();
        redis.answers.put("resume", "failed");
        migration.end(END);

        assertRestored();
    }

    @Test
    void aFullTmpfsDoesNotKeepARestoreThatHasFailedInDoubt() throws IOException {
        FullTmpfs tmpfs = new FullTmpfs(journal, ID);
        received();
        redis.answers.remove("restore");
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));
        await().until(() -> events.contains("restore redis"));
        tmpfs.fill();
        redis.say("failed");
        await().until(() -> !ending.isAlive());

        assertThat(reports.all()).last().extracting(r -> r.report().getReason()).isEqualTo("RestoreFailed");
        assertThat(migration.standing().step()).isEqualTo(DestinationStep.NEVER_RESUMED);
        assertNobodyRuns();
    }

    @Test
    void aStepBackThatCannotBeWrittenResumesNobody() throws IOException {
        FullTmpfs tmpfs = new FullTmpfs(journal, ID);
        received();
        redis.answers.remove("restore");
        Thread ending = Thread.ofPlatform().daemon().start(() -> migration.end(END));
        await().until(() -> events.containsAll(List.of("cart restored", "restore redis")));
        tmpfs.fill();
        redis.say("restored");
        await().until(() -> !ending.isAlive());

        assertThat(migration.standing().step()).isEqualTo(DestinationStep.NEVER_RESUMED);
        assertNobodyRuns();
    }

    @Test
    void whatRunsIsSaidThoughItCannotBeWritten() throws IOException {
        FullTmpfs tmpfs = new FullTmpfs(journal, ID);
        received();
        pod.opening = tmpfs::fill;

        assertThat(migration.end(END).step()).isEqualTo(DestinationStep.RESTORED);
        assertThat(restored).succeedsWithin(Duration.ofSeconds(30));
        assertThat(reports.all()).last().isEqualTo(migration.record());
        assertThat(journal.images(ID)).doesNotExist();
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenWhenTheImagesHaveGone() throws IOException {
        FullTmpfs tmpfs = new FullTmpfs(journal, ID);
        received();
        pod.opening = tmpfs::fill;
        reports.whenSent = record -> {
            if (record.report().getStep() == Step.RESTORED) {
                tmpfs.makeRoom();
            }
        };
        migration.end(END);

        assertRestored();
    }

    @Test
    void oneSourceOnly() throws IOException {
        receiving();

        assertThatThrownBy(() -> migration.begin(HELLO))
                .isInstanceOf(RefusedException.class)
                .hasMessage("the destination is RECEIVING, expected HELD");
    }

    @Test
    void filesOfOthersAreRefused() throws IOException {
        receiving();

        assertThatThrownBy(() -> image("nginx", "pages-1.img"))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("container 'nginx' is not of this migration");
        assertThatThrownBy(() -> migration.file(new Messages.Open(0, Kind.LAYER, "nginx", "", List.of())))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> migration.file(new Messages.Open(0, Kind.MEMORY, "nginx", "", List.of())))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> image("cart", "pages-1.img")).as("twice").isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../record.json", "/etc/passwd", "", ".."})
    void anImageThatLeavesItsFolderIsRefused(String name) throws IOException {
        receiving();

        assertThatThrownBy(() -> image("cart", name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void afterEverythingHasArrivedNothingMore() throws IOException {
        received();

        assertThatThrownBy(() -> image("cart", "late.img")).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(migration::received).isInstanceOf(ProtocolException.class);
    }

    /** What an agent before this one had written. */
    private void recoverFrom(DestinationStep step) throws IOException {
        Files.createDirectories(journal.images(ID));
        DestinationRecord written = record().found(POD.uid(), "/run/netns/x")
                .replacing(List.of(OLD_ADDRESS))
                .enter(step, 2);
        recoverFrom(written);
    }

    private void recoverFrom(DestinationRecord written) {
        journal.write(written);
        migration = migration("60s", written);
        migration.recover();
    }

    @ParameterizedTest
    @EnumSource(names = {"RECEIVING", "RECEIVED"})
    void anAgentThatStartsAgainBeforeTheEndGivesUp(DestinationStep step) throws IOException {
        recoverFrom(step);

        assertWritten(DestinationStep.CLEANED, "AgentRestarted");
        assertNobodyRuns();
    }

    @Test
    void anAgentThatStartsAgainBeforeTheTransferWaitsForIt() throws IOException {
        recoverFrom(DestinationStep.EXPECTING);

        awaitHeld();
    }

    @Test
    void anAgentThatStartsAgainGoesOnRestoring() throws IOException {
        cart.in("restored");
        recoverFrom(DestinationStep.RESTORING);

        assertRestored();
        assertThat(events)
                .contains("restore redis", "resume cart", "resume redis")
                .doesNotContain("restore cart");
    }

    @Test
    void anAgentThatStartsAgainGoesOnResuming() throws IOException {
        cart.in("resumed");
        redis.in("restored");
        recoverFrom(DestinationStep.RESUMING);

        assertRestored();
        assertThat(events).contains("resume redis").doesNotContain("resume cart", "restore cart", "restore redis");
    }

    @Test
    void anAgentThatStartsAgainGoesOnDiscarding() throws IOException {
        cart.in("restored");
        redis.in("failed");
        recoverFrom(record().found(POD.uid(), "/run/netns/x")
                .failed(DestinationStep.DISCARDING, "RestoreFailed", "criu said no", 2));
        await().until(() -> !reports.all().isEmpty());

        assertWritten(DestinationStep.NEVER_RESUMED, "RestoreFailed");
        assertThat(migration.record().message()).isEqualTo("criu said no");
        assertThat(events).contains("discard cart");
        assertNobodyRuns();
    }

    @Test
    void aPodThatIsGoneIsNotFenced() throws IOException {
        receiving();
        journal.deletePod(POD.uid());
        migration.giveUp("Aborted", "the instance was deleted");

        assertWritten(DestinationStep.CLEANED, "Aborted");
        assertThat(fence().getParent()).doesNotExist();
        assertThat(journal.images(ID)).doesNotExist();
    }

    @Test
    void anAgentThatStartsAgainAfterTheRestoreCleansUp() throws IOException {
        recoverFrom(DestinationStep.RESTORED);

        assertThat(restored).succeedsWithin(Duration.ofSeconds(30));
        assertThat(journal.images(ID)).doesNotExist();
        assertThat(pod.calls).containsExactly("end " + OLD_ADDRESS, "remove");
        assertThat(events).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"NEVER_RESUMED", "CLEANED"})
    void imagesOfWhatHasEndedAreDeleted(DestinationStep step) throws IOException {
        recoverFrom(step);

        assertThat(journal.images(ID)).doesNotExist();
        assertThat(migration.record().step()).isEqualTo(step);
    }
}
