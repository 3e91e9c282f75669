// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.link.v1.PreCopy;
import dev.carovana.link.v1.Prepare;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalIT {
    private static final SourceRecord SOURCE = SourceRecord.of(
                    PreCopy.newBuilder()
                            .setMigration("m-1")
                            .addContainers("cart")
                            .build(),
                    1)
            .found(new PodKey("functions", "cart-1", "uid-1"), Map.of("cart", "c1"));
    private static final DestinationRecord DESTINATION = DestinationRecord.of(
                    Prepare.newBuilder().setMigration("m-2").setToken("secret").build(), 2)
            .found("uid-2", "/run/netns/x");

    @TempDir
    private Path run;

    private Journal journal;

    @BeforeEach
    void open() {
        journal = new Journal(run);
    }

    private Path fence() {
        return run.resolve("pods/uid-1/fenced");
    }

    @Test
    void whatWasWrittenIsReadByTheNextAgent() throws IOException {
        SourceRecord measured = SOURCE.measured("cart", new ContainerTimes(1, 2, 3, 4, 5))
                .failed(SourceStep.THAWED, "DumpFailed", "why", 9);
        journal.write(measured);
        journal.write(DESTINATION);

        assertThat(new Journal(run).readAll()).containsExactlyInAnyOrder(measured, DESTINATION);
    }

    @Test
    void theLastRecordCounts() throws IOException {
        journal.write(SOURCE.enter(SourceStep.FREEZING, 2));
        journal.write(SOURCE.enter(SourceStep.FROZEN, 3));

        assertThat(journal.readAll()).containsExactly(SOURCE.enter(SourceStep.FROZEN, 3));
    }

    @Test
    void aRecordThatCannotBeWrittenLeavesTheOneBefore() throws IOException {
        journal.write(SOURCE);
        FullTmpfs tmpfs = new FullTmpfs(journal, "m-1");
        tmpfs.fill();

        assertThatThrownBy(() -> journal.write(SOURCE.enter(SourceStep.FROZEN, 3)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("journal of migration m-1");
        assertThat(journal.readAll()).containsExactly(SOURCE);
    }

    @Test
    void aRecordThatWasNeverWrittenIsNone() throws IOException {
        Files.createDirectories(journal.images("m-3"));

        assertThat(journal.readAll()).isEmpty();
        assertThat(journal.folder("m-3")).as("R7").doesNotExist();
    }

    @Test
    void aRecordThatCannotBeReadKeepsNobodyFromTheOthers() throws IOException {
        journal.write(SOURCE);
        journal.write(DESTINATION);
        Path record = journal.folder("m-1").resolve("record.json");
        Files.writeString(record, Files.readString(record).replace("PREPARING", "OF_A_NEWER_AGENT"));
        Files.createDirectories(journal.images("m-1"));

        assertThat(journal.readAll()).containsExactly(DESTINATION);
        assertThat(journal.readAll()).containsExactly(DESTINATION);
        assertThat(journal.folder("m-1").resolve("record.json.unread"))
                .content()
                .contains("OF_A_NEWER_AGENT");
        assertThat(journal.images("m-1")).as("nobody knows what it was").exists();
    }

    @Test
    void nobodyElseMayReadIt() throws IOException {
        journal.write(SOURCE);

        assertThat(Files.getPosixFilePermissions(journal.folder("m-1")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../m", "a/b", "/m", ".hidden", "-rf", "a b", "a\n"})
    void aNameThatIsNotPlainIsRefused(String name) {
        assertThatThrownBy(() -> Journal.plain(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> journal.folder(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> journal.fence(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> journal.unfence(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"m-1", "pages-1.img", "0a_B"})
    void aPlainNameStays(String name) {
        assertThat(Journal.plain(name)).isEqualTo(name);
    }

    @Test
    void imagesGoAndTheRecordStays() throws IOException {
        journal.write(SOURCE);
        Files.createDirectories(journal.images("m-1").resolve("cart/checkpoint"));
        Files.writeString(journal.images("m-1").resolve("cart/checkpoint/pages-1.img"), "memory");
        journal.deleteImages("m-1");
        journal.deleteImages("m-1");

        assertThat(journal.images("m-1")).doesNotExist();
        assertThat(journal.readAll()).containsExactly(SOURCE);
    }

    @Test
    void whatIsDeletedIsForgotten() throws IOException {
        journal.write(SOURCE);
        journal.write(DESTINATION);
        journal.delete("m-1");

        assertThat(journal.readAll()).containsExactly(DESTINATION);
    }

    @Test
    void aFenceStandsUntilItIsTakenAway() throws IOException {
        journal.fence("uid-1");
        assertThat(fence()).exists().isEmptyFile();
        assertThat(journal.podUids()).containsExactly("uid-1");
        journal.unfence("uid-1");
        journal.unfence("uid-1");

        assertThat(fence()).doesNotExist();
    }

    @Test
    void aFencedPodMayEnd() throws IOException {
        journal.fence("uid-1");
        journal.letEnd("uid-1");

        assertThat(fence()).hasContent("ending");
    }

    @Test
    void aPodHasContainersUntilTheLastIsDeleted() throws IOException {
        journal.fence("uid-1");
        Path record = Files.writeString(fence().resolveSibling("cart.json"), "{}");
        Path link = Journal.createPrivate(run.resolve("containers")).resolve("c1");
        Files.createSymbolicLink(link, Path.of("..", "pods", "uid-1", "cart.json"));

        assertThat(journal.hasContainers("uid-1")).isTrue();
        assertThat(journal.hasContainers("uid")).isFalse();
        Files.delete(record);
        assertThat(journal.hasContainers("uid-1")).as("without a record").isFalse();
        Files.writeString(record, "{}");
        Files.delete(link);
        assertThat(journal.hasContainers("uid-1")).isFalse();
    }

    @Test
    void aPodThatIsGoneIsNotFencedAgain() throws IOException {
        journal.fence("uid-1");
        journal.deletePod("uid-1");
        journal.letEnd("uid-1");

        assertThat(journal.podUids()).isEmpty();
    }
}
