// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.runtime.FileNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TarIT {
    @TempDir
    private Path from;

    @TempDir
    private Path to;

    @TempDir
    private Path outside;

    @BeforeEach
    void fill() throws IOException {
        Files.createDirectories(from.resolve("folder/below"));
        Files.writeString(from.resolve("folder/below/file"), "text");
    }

    private static byte[] create(Path root, List<String> omitted) throws IOException {
        Process tar = Tar.create(root);
        Tar.omit(tar, omitted);
        byte[] stream = Tar.stream(tar).readAllBytes();
        Tar.finishReading(tar);
        return stream;
    }

    private void extract(byte[] stream) throws IOException {
        new TarGuard(to).look(ByteBuffer.wrap(stream));
        Process tar = Tar.extract(to);
        try (OutputStream in = tar.getOutputStream()) {
            new ByteArrayInputStream(stream).transferTo(in);
        }
        Tar.finish(tar);
    }

    private void move() throws IOException {
        extract(create(from, List.of()));
    }

    @Test
    void filesArriveWithTheirModeAndTime() throws IOException {
        Path file = from.resolve("folder/below/file");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx-w---x"));
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_123L));
        Files.setLastModifiedTime(from.resolve("folder"), FileTime.fromMillis(2_000_000_123L));
        move();

        Path moved = to.resolve("folder/below/file");
        assertThat(moved).hasContent("text");
        assertThat(Files.getPosixFilePermissions(moved)).isEqualTo(PosixFilePermissions.fromString("rwx-w---x"));
        assertThat(Files.getLastModifiedTime(moved)).isEqualTo(FileTime.fromMillis(1_000_000_000_123L));
        assertThat(Files.getLastModifiedTime(to.resolve("folder"))).isEqualTo(FileTime.fromMillis(2_000_000_123L));
    }

    @Test
    void linksStayLinks() throws IOException {
        Files.createSymbolicLink(from.resolve("link"), Path.of("/nowhere"));
        Files.createLink(from.resolve("twin"), from.resolve("folder/below/file"));
        move();

        assertThat(to.resolve("link")).isSymbolicLink();
        assertThat(Files.readSymbolicLink(to.resolve("link"))).isEqualTo(Path.of("/nowhere"));
        assertThat(Files.isSameFile(to.resolve("twin"), to.resolve("folder/below/file")))
                .isTrue();
    }

    @Test
    void holesAreNotSent() throws IOException {
        try (RandomAccessFile sparse =
                new RandomAccessFile(from.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(64 << 20);
            sparse.seek(32 << 20);
            sparse.write("in the middle".getBytes());
        }
        byte[] stream = create(from, List.of());
        assertThat(stream.length).isLessThan(1 << 20);
        extract(stream);

        assertThat(Files.mismatch(from.resolve("sparse"), to.resolve("sparse"))).isEqualTo(-1);
    }

    @Test
    void longNamesArrive() throws IOException {
        String name = "folder-with-a-long-name/".repeat(20) + "f".repeat(200);
        Files.createDirectories(from.resolve(name).getParent());
        Files.writeString(from.resolve(name), "far away");
        move();

        assertThat(to.resolve(name)).hasContent("far away");
    }

    @Test
    void whatWasThereIsReplaced() throws IOException {
        Files.createDirectories(to.resolve("folder/below"));
        Files.writeString(to.resolve("folder/below/file"), "a longer text of the image");
        Files.writeString(to.resolve("folder/below/other"), "stays");
        move();

        assertThat(to.resolve("folder/below/file")).hasContent("text");
        assertThat(to.resolve("folder/below/other")).hasContent("stays");
    }

    @Test
    void aLinkOfTheImageIsReplacedNotFollowed() throws IOException {
        Files.writeString(outside.resolve("file"), "of the agent");
        Files.createDirectories(to.resolve("folder/below"));
        Files.createSymbolicLink(to.resolve("folder/below/file"), outside.resolve("file"));
        move();

        assertThat(outside.resolve("file")).hasContent("of the agent");
        assertThat(to.resolve("folder/below/file")).hasContent("text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "with space", "*", "[f]ile", "-x", "größe", "#file", "back\\slash"})
    void anOmittedNameIsTakenAsItIs(String name) throws IOException {
        Files.writeString(from.resolve(name), "omitted");
        extract(create(from, List.of(FileNames.of(Path.of(name)))));

        assertThat(to.resolve(name)).doesNotExist();
        assertThat(to.resolve("folder/below/file")).hasContent("text");
    }

    /** Bytes, each as a char. */
    static Stream<String> names() {
        return Stream.of(
                "\u00c3\u00a9",
                "\u00f0\u009f\u0098\u0080",
                "\u00ff",
                "\u00c3(",
                "a\nb",
                "\n",
                "-rf",
                "trailing ",
                "tab\t",
                " ",
                "[!a]*?",
                "back\\",
                "\u00fe".repeat(255));
    }

    @ParameterizedTest
    @MethodSource("names")
    void anyNameArrives(String name) throws IOException {
        Files.createDirectories(from.resolve(FileNames.path(name + "/" + name)));
        Files.writeString(from.resolve(FileNames.path(name + "/file")), "text");
        Files.createLink(from.resolve(FileNames.path("twin")), from.resolve(FileNames.path(name + "/file")));
        move();

        assertThat(TreeSnapshot.of(to).files().keySet())
                .isEqualTo(TreeSnapshot.of(from).files().keySet())
                .contains(name + "/" + name, name + "/file");
        assertThat(Files.readString(to.resolve(FileNames.path(name + "/file")))).isEqualTo("text");
    }

    @ParameterizedTest
    @MethodSource("names")
    void anyNameCanBeOmittedAndDeleted(String name) throws IOException {
        Files.writeString(from.resolve(FileNames.path(name)), "omitted");
        Files.writeString(from.resolve("x"), "stays");
        extract(create(from, List.of(name)));

        assertThat(TreeSnapshot.of(to).files().keySet()).doesNotContain(name).contains("x", "folder/below/file");
        Tar.delete(from, List.of(name));
        assertThat(TreeSnapshot.of(from).files().keySet()).doesNotContain(name).contains("x");
    }

    @Test
    void aFileThatCannotBeExtractedIsTold() throws IOException {
        Files.createDirectories(to.resolve("folder/below/file/full"));

        assertThatThrownBy(this::move)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("tar ended with 2")
                .hasMessageContaining("folder/below/file");
    }

    @Test
    void aTreeThatIsNotThereIsTold() {
        assertThatThrownBy(() -> create(from.resolve("missing"), List.of())).hasMessageStartingWith("tar ended with 2");
    }

    @Test
    void whatChangedWhileItWasReadIsNoError() throws IOException {
        Process changed = new ProcessBuilder("sh", "-c", "exit 1").start();

        assertThatCode(() -> Tar.finishReading(changed)).doesNotThrowAnyException();
    }

    @Test
    void whatWasDeletedIsDeletedInTheOrderGiven() throws IOException {
        Files.createSymbolicLink(from.resolve("link"), outside);
        Files.writeString(outside.resolve("file"), "of the agent");
        Tar.delete(from, List.of("folder/below", "link", "missing"));

        assertThat(from.resolve("folder")).isEmptyDirectory();
        assertThat(from.resolve("link")).doesNotExist();
        assertThat(outside.resolve("file")).exists();
    }

    @Test
    void aTreeIsDeletedButNotWhatItsLinksNameElsewhere() throws IOException {
        Files.writeString(outside.resolve("file"), "of the agent");
        Files.createSymbolicLink(from.resolve("folder/link"), outside);
        Tar.delete(from, List.of("folder"));

        assertThat(Files.exists(from.resolve("folder"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        assertThat(outside.resolve("file")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../escaped", "/escaped", "link/file", ".", ""})
    void nothingOutsideIsDeleted(String name) throws IOException {
        Files.createSymbolicLink(from.resolve("link"), outside);
        Files.writeString(outside.resolve("file"), "of the agent");

        assertThatThrownBy(() -> Tar.delete(from, List.of(name))).isInstanceOf(IOException.class);
        assertThat(outside.resolve("file")).exists();
        assertThat(from.resolve("folder")).exists();
    }
}
