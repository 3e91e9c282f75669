// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import static dev.carovana.agent.source.FakeDestination.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.files.Trees;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.memory.ProcessMemory;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.link.v1.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SourceMigrationIT extends SourceBed {
    @Test
    void aPodIsHandedOver() throws IOException {
        Files.writeString(volume.resolve("file"), "of a volume");
        pod.trees = List.of(new Trees.Tree(Kind.VOLUME, "data", volume, true));
        pod.meanwhile.put("refuseConnections", () -> assertThat(fence()).exists());
        move();

        assertReleased();
        assertThat(pod.calls)
                .containsExactly("prepare", "files", "refuseConnections", "freeze", "dump", "dump", "release");
        assertThat(destination.opened)
                .extracting(file -> file.kind() + " " + file.owner() + "/" + file.name())
                .containsExactlyInAnyOrder(
                        "IMAGE cart/descriptors.json",
                        "IMAGE redis/descriptors.json",
                        "IMAGE cart/pages-1.img",
                        "IMAGE redis/pages-1.img",
                        "VOLUME data/");
        assertThat(destination.ends).hasValue(1);
        assertThat(destination.mounted).isEqualTo(Map.of("cart", List.of("/etc/app.conf")));
        assertThat(migration.record().times()).containsOnlyKeys("cart", "redis");
        assertThat(migration.record().timesOf("cart")).satisfies(times -> {
            assertThat(times.frozenAt()).isPositive();
            assertThat(times.dumpedAt()).isGreaterThanOrEqualTo(times.frozenAt());
            assertThat(times.bytesSent()).isEqualTo("memory of cart".length());
        });
        assertThat(migration.record().bytesSent()).isPositive();
    }

    @Test
    void memoryIsSentAheadAsFarAsThereIsRoom() throws IOException {
        destination.welcome = new Messages.Standing(DestinationStep.RECEIVING, "", "", 1 << 20, Map.of());
        Process running = new ProcessBuilder("sh", "-c", "echo ready; read -r end").start();
        try {
            assertThat(running.inputReader().readLine()).isEqualTo("ready");
            Path process = Path.of("/proc", "" + running.pid());
            pod.processes = List.of(Path.of("/proc", "none"), process);
            ProcessMemory memory = ProcessMemory.of(process, Long.MAX_VALUE).orElseThrow();
            byte[] pages = new byte[16 << 20];
            int length = memory.readNBytes(pages, 0, pages.length);
            pod.dumped = Map.of(
                    "pages-9.img",
                    Arrays.copyOf(pages, length),
                    pagemap(running),
                    memory.sent().pagemap(9));
            move();
        } finally {
            running.destroyForcibly();
        }

        assertReleased();
        assertThat(pod.calls).containsSequence("processes", "processes", "refuseConnections");
        assertThat(sentOf(Kind.MEMORY))
                .containsExactlyInAnyOrder(
                        "cart/pages-" + running.pid() + ".img",
                        "cart/" + pagemap(running),
                        "redis/pages-" + running.pid() + ".img",
                        "redis/" + pagemap(running));
        assertThat(sentOf(Kind.IMAGE)).as("once").containsOnlyOnce("cart/pages-9.img", "cart/" + pagemap(running));
        assertThat(migration.record().timesOf("cart"))
                .as("little has changed since")
                .satisfies(times -> assertThat(times.bytesSent()).isLessThan(times.bytesDumped() / 2));
    }

    private static String pagemap(Process process) {
        return "pagemap-" + process.pid() + ".img";
    }

    private List<String> sentOf(Kind kind) {
        return destination.opened.stream()
                .filter(file -> file.kind() == kind)
                .map(file -> file.owner() + "/" + file.name())
                .toList();
    }

    @Test
    void anAbortIsObeyedWhileMemoryIsSentAhead() throws IOException {
        destination.welcome = new Messages.Standing(DestinationStep.RECEIVING, "", "", 1 << 20, Map.of());
        pod.meanwhile.put("processes", () -> migration.abort("not wanted"));
        move();

        assertThawedBeforeHandover("Aborted");
        assertThat(pod.calls).containsOnlyOnce("processes").doesNotContain("refuseConnections");
    }

    @Test
    void aFirstFileWrittenJustBeforeTheFreezeIsSent(@TempDir Path other) throws IOException {
        pod.trees = List.of(
                new Trees.Tree(Kind.VOLUME, "data", volume, true), new Trees.Tree(Kind.VOLUME, "other", other, true));
        pod.meanwhile.put("freeze", () -> write(volume.resolve("file")));
        move();

        assertReleased();
        assertThat(destination.opened)
                .filteredOn(file -> file.kind() == Kind.VOLUME)
                .extracting(Messages.Open::owner)
                .containsExactly("data");
    }

    @Test
    void sharedVolumesAreFlushedAndOthersSentBeforeTheHandover() throws IOException {
        Files.writeString(volume.resolve("file"), "of a claim");
        pod.claims = new Messages.Claims(Map.of("cart", List.of("/shared")), Map.of("cart", List.of("/data")));
        pod.trees = List.of(new Trees.Tree(Kind.CLAIM, "cart", "/data", volume, true));
        destination.whenReceived = () -> assertThat(pod.calls).contains("flush").doesNotContain("left");
        destination.whenEnded = () -> assertThat(pod.calls).doesNotContain("left");
        move();

        assertReleased();
        assertThat(pod.calls).startsWith("showVolumes", "prepare").endsWith("release", "left");
        assertThat(pod.calls.indexOf("flush")).isGreaterThan(pod.calls.indexOf("freeze"));
        assertThat(destination.claims).isEqualTo(pod.claims);
        assertThat(sentOf(Kind.CLAIM)).containsExactly("cart//data");
    }

    @Test
    void withoutAFlushNothingIsHandedOver() throws IOException {
        pod.claims = new Messages.Claims(Map.of(), Map.of());
        pod.failing = "flush";
        move();

        assertThawedBeforeHandover("TransferFailed");
        assertThat(migration.record().message()).contains("flush is broken");
        assertThat(pod.calls).doesNotContain("left");
    }

    @Test
    void theStepIsWrittenBeforeItIsDone() {
        pod.meanwhile.put("refuseConnections", () -> assertWritten(SourceStep.FREEZING));
        pod.meanwhile.put("dump", () -> assertWritten(SourceStep.FROZEN));
        destination.whenReceived = () -> assertWritten(SourceStep.DUMPED);
        destination.whenEnded = () -> assertWritten(SourceStep.END_SENT);
        move();

        assertThat(migration.record().step()).isEqualTo(SourceStep.RELEASED);
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "first");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertWritten(SourceStep step) {
        try {
            assertThat(journal.readAll())
                    .singleElement()
                    .extracting(record -> ((SourceRecord) record).step())
                    .isEqualTo(step);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "prepare,TransferFailed",
        "files,TransferFailed",
        "refuseConnections,FreezeFailed",
        "freeze,FreezeFailed",
        "dump,DumpFailed"
    })
    void aPodThatFailsGoesOn(String step, String reason) throws IOException {
        pod.failing = step;
        move();

        assertThawedBeforeHandover(reason);
        assertThat(migration.record().message()).contains(step + " is broken");
    }

    @Test
    void aPodWhoseContainersDoNotAllRunGoesOn() throws IOException {
        migration.run(POD, Map.of("cart", "c1"), "10.0.0.7");

        assertThawedBeforeHandover("ContainerNotRunning");
        assertThat(pod.calls).containsExactly("resume");
    }

    @Test
    void aDestinationThatIsNotThereLetsThePodGoOn() throws IOException {
        wire.cut();
        move();

        assertThawedBeforeHandover("TransferFailed");
    }

    @Test
    void aDestinationThatRefusesLetsThePodGoOn() throws IOException {
        destination.knowsNothing = true;
        move();

        assertThawedBeforeHandover("UnknownMigration");
        assertThat(pod.calls).containsExactly("resume");
    }

    @Test
    void aDestinationThatDoesNotWaitForItLetsThePodGoOn() throws IOException {
        destination.welcome = at(DestinationStep.HELD);
        move();

        assertThawedBeforeHandover("DestinationNotReady");
    }

    @Test
    void aTransferThatIsRefusedLetsThePodGoOn() throws IOException {
        destination.full = true;
        move();

        assertThawedBeforeHandover("TransferRefused");
        assertThat(migration.record().message()).isEqualTo("no room left");
    }

    @Test
    void aTransferThatIsCutLetsThePodGoOn() throws IOException {
        pod.meanwhile.put("dump", wire::cut);
        move();

        assertThawedBeforeHandover("TransferFailed");
    }

    @Test
    void aDestinationThatIsCutOffBeforeItSaysReceivedLetsThePodGoOn() throws IOException {
        destination.whenReceived = wire::cut;
        move();

        assertThawedBeforeHandover("TransferFailed");
    }

    @Test
    void aDestinationThatHasNotReceivedLetsThePodGoOn() throws IOException {
        destination.received = at(DestinationStep.CLEANED);
        move();

        assertThawedBeforeHandover("CLEANEDReason");
    }

    @ParameterizedTest
    @CsvSource({"prepare", "freeze", "dump"})
    void whoIsAbortedBeforeTheHandoverGoesOn(String step) throws IOException {
        pod.meanwhile.put(step, () -> migration.abort("nobody wants it any more"));
        move();

        assertThawedBeforeHandover("Aborted");
        assertThat(migration.record().message()).isEqualTo("nobody wants it any more");
    }

    /** The network takes 20 s for what is dumped. */
    private void sendSlowly(Map<String, String> settings) {
        byte[] pages = new byte[2 << 20];
        new Random(1).nextBytes(pages);
        pod.dumped = Map.of("pages-2.img", pages);
        Map<String, String> all = new HashMap<>(settings);
        all.put("carovana.agent.transfer.bytes-per-second", "200K");
        migration = migration(record(), all);
    }

    @Test
    void anAbortIsObeyedWhileTheDumpIsSent() throws Exception {
        sendSlowly(Map.of());
        Thread moving = moveMeanwhile();
        await().until(() -> migration.record().step() == SourceStep.DUMPED);

        migration.abort("nobody wants it any more");

        assertThat(moving.join(Duration.ofSeconds(5))).isTrue();
        assertThawedBeforeHandover("Aborted");
    }

    @Test
    void aFreezeHasALimitOfItsOwn() throws Exception {
        sendSlowly(Map.of("carovana.agent.freeze-limit", "500ms"));
        Thread moving = moveMeanwhile();

        assertThat(moving.join(Duration.ofSeconds(10))).isTrue();
        assertThawedBeforeHandover("FreezeLimit");
        assertThat(migration.record().message()).contains("500 ms");
    }

    @Test
    void anErrorOfTheVirtualMachineDoesNotKeepThePodFrozen() throws IOException {
        pod.meanwhile.put("freeze", () -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        move();

        assertThawedBeforeHandover("TransferFailed");
        assertThat(migration.record().message()).isEqualTo("unable to create native thread");
    }

    @Test
    void inDoubtItsOwnImagesAreNotNeeded() throws Exception {
        destination.whenEnded = wire::cut;
        Thread moving = moveMeanwhile();
        awaitDoubt();

        await().until(() -> !Files.exists(journal.images(ID)));
        migration.podIsGone();
        moving.join();
        assertReleased();
    }

    @Test
    void whoIsAbortedBeforeTheFreezeIsNotFrozen() throws IOException {
        pod.meanwhile.put("prepare", () -> migration.abort("too late"));
        move();

        assertThawedBeforeHandover("Aborted");
        assertThat(pod.calls).doesNotContain("refuseConnections", "freeze");
    }

    @Test
    void afterTheHandoverNobodyIsAborted() throws IOException {
        destination.whenEnded = () -> migration.abort("too late");
        move();

        assertReleased();
    }

    @Test
    void afterTheDeadlineThereIsNoHandover() throws IOException {
        migration.handOver(order(1));
        run();

        assertThawedBeforeHandover("DeadlineExceeded");
    }

    @Test
    void aPodThatHasLostAContainerIsLost() throws IOException {
        pod.failing = "dump";
        pod.complete = false;
        move();

        assertThat(migration.record().step()).isEqualTo(SourceStep.LOST);
        assertThat(migration.record().reason()).isEqualTo("DumpFailed");
        assertThat(journal.readAll()).containsExactly(migration.record());
        assertThat(journal.images(ID)).doesNotExist();
    }

    @Test
    void aDestinationThatNeverResumesLetsThePodGoOn() throws IOException {
        destination.outcome = at(DestinationStep.NEVER_RESUMED);
        move();

        assertThawed("NEVER_RESUMEDReason");
    }

    @Test
    void afterTheHandoverOnlyTheDestinationLetsThePodGoOn() throws Exception {
        destination.whenEnded = wire::cut;
        destination.answer = at(DestinationStep.NEVER_RESUMED);
        Thread moving = moveMeanwhile();
        awaitDoubt();
        assertFrozen();
        wire.repair();
        moving.join();

        assertThawed("NEVER_RESUMEDReason");
    }

    @Test
    void aDestinationThatHasRestoredItKeepsIt() throws Exception {
        destination.whenEnded = wire::cut;
        Thread moving = moveMeanwhile();
        awaitDoubt();
        assertFrozen();
        wire.repair();
        moving.join();

        assertReleased();
    }

    @Test
    void aDestinationThatHasNotDecidedIsAskedAgain() throws Exception {
        destination.outcome = at(DestinationStep.RESTORING);
        destination.answer = at(DestinationStep.RESTORING);
        Thread moving = moveMeanwhile();
        await().until(() -> destination.questions.get() > 2);
        assertFrozen();
        destination.answer = at(DestinationStep.RESTORED);
        moving.join();

        assertReleased();
        assertThat(destination.cancels).hasValue(0);
    }

    @Test
    void aDestinationThatHasNotGotTheEndIsToldNeverToTakeIt() throws Exception {
        destination.whenEnded = wire::cut;
        destination.answer = at(DestinationStep.RECEIVED);
        Thread moving = moveMeanwhile();
        awaitDoubt();
        wire.repair();
        moving.join();

        assertThawed("CLEANEDReason");
        assertThat(destination.cancels).hasValue(1);
    }

    @Test
    void aDestinationThatKnowsNothingDecidesNothing() throws Exception {
        destination.whenEnded = () -> {
            destination.knowsNothing = true;
            wire.cut();
            wire.repair();
        };
        Thread moving = moveMeanwhile();
        await().until(() -> destination.questions.get() > 2);
        assertFrozen();
        migration.verdict(Verdict.Kind.RESTORED);
        moving.join();

        assertReleased();
    }

    @Test
    void theHubsWordIsTheDestinations() throws Exception {
        destination.whenEnded = wire::cut;
        Thread moving = moveMeanwhile();
        awaitDoubt();
        migration.verdict(Verdict.Kind.NEVER_RESUMED);
        moving.join();

        assertThawed("NeverResumed");
    }

    @ParameterizedTest
    @EnumSource(names = {"PREPARING", "PRECOPIED", "FREEZING", "FROZEN", "DUMPED", "THAWING"})
    void anAgentThatStartsAgainBeforeTheHandoverLetsThePodGoOn(SourceStep step) throws Exception {
        wire.cut();
        recoverFrom(step).join();

        assertThawedBeforeHandover("AgentRestarted");
    }

    @Test
    void anAgentThatStartsAgainAfterTheHandoverAsks() throws Exception {
        wire.cut();
        Thread recovering = recoverFrom(SourceStep.END_SENT);
        awaitDoubt();
        assertFrozen();
        wire.repair();
        recovering.join();

        assertReleased();
        assertThat(destination.questions).hasPositiveValue();
    }

    @Test
    void anAgentThatStartsAgainWithoutHavingSentTheEndTakesItBack() throws Exception {
        destination.answer = at(DestinationStep.RECEIVED);
        recoverFrom(SourceStep.END_SENT).join();

        assertThawed("CLEANEDReason");
        assertThat(destination.cancels).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"RELEASED", "THAWED", "LOST"})
    void whatHasEndedHasEnded(SourceStep step) throws Exception {
        recoverFrom(step).join();

        assertThat(pod.calls).isEmpty();
        assertThat(migration.record().step()).isEqualTo(step);
    }

    @Test
    void aFullTmpfsDoesNotKeepThePodFrozen() throws IOException {
        pod.meanwhile.put("freeze", tmpfs::fill);
        pod.meanwhile.put("resume", tmpfs::makeRoom);
        move();

        assertThawedBeforeHandover("TransferFailed");
        assertThat(migration.record().message()).startsWith("journal of migration m-1");
    }

    @Test
    void aTmpfsThatStaysFullDoesNotKeepThePodFrozenEither() {
        pod.meanwhile.put("freeze", tmpfs::fill);

        move();
        assertThat(migration.record().step()).isEqualTo(SourceStep.THAWED);
        assertThat(pod.calls).endsWith("resume");
        assertThat(fence()).doesNotExist();
        assertThat(journal.images(ID)).doesNotExist();
    }

    @Test
    void aHandoverThatCannotBeWrittenIsNotMade() throws IOException {
        destination.whenReceived = tmpfs::fill;
        pod.meanwhile.put("resume", tmpfs::makeRoom);
        move();

        assertThawedBeforeHandover("TransferFailed");
    }

    @Test
    void whatIsRefusedIsNotTouched() {
        migration.refuse("PodBusy", "it is being moved");

        assertThat(pod.calls).isEmpty();
        assertThat(reports.all())
                .singleElement()
                .extracting(MigrationRecord::report)
                .satisfies(report -> assertThat(report.getReason()).isEqualTo("PodBusy"));
    }
}
