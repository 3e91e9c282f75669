// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.files.TreeSnapshot;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a pod's files is sent while it runs, and what in the freeze. */
@Timeout(60)
class FilesAheadIT extends SourceBed {
    @TempDir
    private Path process;

    @BeforeEach
    void writeLongAgo() throws IOException {
        Files.writeString(volume.resolve("file"), "of a volume");
        Files.writeString(volume.resolve("other"), "of it too");
        maps("7f00-7f10 r--s 00000000 fe:00 12 /usr/lib/locale/C.utf8");
        pod.processes = List.of(process);
        pod.trees = List.of(new Trees.Tree(Kind.VOLUME, "data", volume, true));
        await().until(() -> TreeSnapshot.of(volume).settled());
    }

    private void maps(String line) {
        try {
            Files.writeString(process.resolve("maps"), "5500-5600 r-xp 00000000 fe:00 7 /bin/cart\n" + line + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void inTheFreeze(Change change) {
        pod.meanwhile.put("freeze", () -> {
            try {
                change.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private interface Change {
        void run() throws IOException;
    }

    private List<Messages.Open> sent() {
        return destination.opened.stream()
                .filter(file -> file.kind() == Kind.VOLUME)
                .toList();
    }

    /** How often the volume was sent before the pod was stopped, and after. */
    private void assertSent(int ahead, int inTheFreeze) throws Exception {
        Thread moving = ready();
        await().until(() -> sent().size() >= ahead);
        assertThat(sent()).hasSize(ahead);
        migration.handOver(order(0));
        moving.join();

        assertReleased();
        assertThat(sent()).hasSize(ahead + inTheFreeze);
    }

    @Test
    void whatStaysAsItIsIsSentOnceWhileThePodRuns() throws Exception {
        assertSent(1, 0);
    }

    @Test
    void whatWasChangedSinceIsSentAgainAndWhatIsGoneIsTold() throws Exception {
        inTheFreeze(() -> {
            Files.writeString(volume.resolve("file"), "of A volume");
            Files.delete(volume.resolve("other"));
        });
        assertSent(1, 1);

        assertThat(sent()).extracting(Messages.Open::deletes).containsExactly(List.of(), List.of("other"));
    }

    @Test
    void thatAllIsGoneIsToldToo() throws Exception {
        inTheFreeze(() -> {
            Files.delete(volume.resolve("file"));
            Files.delete(volume.resolve("other"));
        });
        assertSent(1, 1);

        assertThat(sent().getLast().deletes()).containsExactly("file", "other");
    }

    /** The names are made when all is dumped, and a tree that was sent before, or in the freeze, has none of them. */
    @Test
    void filesThatAreNamedAfterTheDumpAreSentWithTheirNames() throws Exception {
        pod.naming = () -> {
            Files.createLink(volume.resolve("link_remap.1"), volume.resolve("file"));
            return true;
        };
        assertSent(1, 1);
    }

    @Test
    void thatAFileCannotBeNamedThawsTheSource() {
        pod.naming = () -> {
            throw new IOException("no such name");
        };
        move();

        assertThat(migration.record().reason()).isEqualTo("TransferFailed");
        assertThat(pod.calls).contains("resume");
    }

    @Test
    void whatIsBeingWrittenIsNotSentBefore() throws Exception {
        Files.writeString(volume.resolve("file"), "just now");
        assertSent(0, 1);
    }

    /** Such a write changes no time of the file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "7f00-7f10 rw-s 00000000 fe:00 12 /data/file",
                "7f00-7f10 -w-s 00001000 00:2a 12        /data/a file (deleted)"
            })
    void whatMayBeWrittenThroughMemoryIsSentInTheFreeze(String mapping) throws Exception {
        inTheFreeze(() -> maps(mapping));
        assertSent(1, 1);
    }

    @Test
    void whatIsWrittenThroughMemoryAlreadyIsNotSentBefore() throws Exception {
        maps("7f00-7f10 rw-s 00000000 fe:00 12 /data/file");
        inTheFreeze(() -> maps(""));
        assertSent(0, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7f00-7f10 rw-s 00000000 00:01 12 /memfd:shared (deleted)",
                "7f00-7f10 rw-s 00000000 00:01 12 /dev/zero (deleted)",
                "7f00-7f10 rw-s 00000000 00:01 12 /SYSV00000000 (deleted)",
                "7f00-7f10 rw-s 00000000 00:0e 12 anon_inode:[perf_event]",
                "7f00-7f10 rw-p 00000000 fe:00 12 /data/file",
            })
    void otherMemoryIsNoFile(String mapping) throws Exception {
        maps(mapping);
        assertSent(1, 0);
    }

    /** No file system in memory notes a first write through a mapping: one may have come and gone. */
    @Test
    void contentInMemoryIsSentInTheFreeze() throws Exception {
        pod.trees = List.of(new Trees.Tree(Kind.VOLUME, "data", volume, false));
        assertSent(0, 1);
    }

    @Test
    void emptyFilesInMemoryAreSentAhead() throws Exception {
        for (String name : List.of("file", "other")) {
            Files.delete(volume.resolve(name));
            Files.createFile(volume.resolve(name));
        }
        await().until(() -> TreeSnapshot.of(volume).settled());
        maps("7f00-7f10 rw-s 00000000 fe:00 12 /data/file");
        pod.trees = List.of(new Trees.Tree(Kind.VOLUME, "data", volume, false));
        assertSent(1, 0);
    }
}
