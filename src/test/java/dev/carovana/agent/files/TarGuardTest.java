// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TarGuardTest {
    private static final Path ROOT = Path.of("/does/not/exist");
    private static final String LONG = "deep/".repeat(40) + "file";

    private static TarStream tar() {
        return new TarStream();
    }

    private static void look(byte[] stream) throws IOException {
        new TarGuard(ROOT).look(ByteBuffer.wrap(stream));
    }

    static Stream<Arguments> plain() {
        return Stream.of(
                arguments("nothing", tar()),
                arguments("the root itself", tar().folder("./")),
                arguments(
                        "files and folders",
                        tar().folder("a/").file("a/b", "text").file("./c")),
                arguments("dots in a name", tar().file("..a/b..").file("...")),
                arguments("a link to anywhere", tar().link("a", "/etc/passwd")),
                arguments("beside a link", tar().link("a", "/etc").file("ab/c")),
                arguments("a hard link", tar().file("a").hardLink("b", "a")),
                arguments(
                        "a device, a pipe",
                        tar().member('3', "a", "", new byte[0]).member('6', "b", "", new byte[0])),
                arguments("content that looks like a header", tar().file("a", text(tar().file("/etc/passwd")))),
                arguments("an extended name", tar().extended("path", LONG).file("deep")),
                arguments(
                        "extended attributes",
                        tar().extended("SCHILY.xattr.user.a", "..=\n/").file("a")),
                arguments(
                        "a sparse file",
                        tar().extended("GNU.sparse.name", "a", "GNU.sparse.major", "1")
                                .file("./GNUSparseFile.0/a", "map")));
    }

    private static String text(TarStream inner) {
        return new String(inner.end(), US_ASCII);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plain")
    void letsPass(String name, TarStream stream) {
        assertThatCode(() -> look(stream.end())).doesNotThrowAnyException();
    }

    static Stream<Arguments> leaving() {
        return Stream.of(
                arguments("dots", tar().file("../a"), "'../a' is not below"),
                arguments("dots that stay inside", tar().file("a/../b"), "'a/../b' is not below"),
                arguments("dots at the end", tar().file("a/.."), "'a/..' is not below"),
                arguments("dots of a folder", tar().folder("a/../../b"), "is not below"),
                arguments("absolute", tar().file("/etc/passwd"), "'/etc/passwd' is not below"),
                arguments("no name", tar().file(""), "'' is not below"),
                arguments("the root as a file", tar().file("./"), "'./' is not below"),
                arguments("after content", tar().file("a", "text").file("/b"), "'/b' is not below"),
                arguments(
                        "after the end", tar().raw(new byte[1024], new byte[0]).file("/b"), "'/b' is not below"),
                arguments("below a link", tar().link("a", "/").file("a/b"), "by the link 'a'"),
                arguments(
                        "below a link, otherwise told", tar().link("./a/", "/").file("a/./b/c"), "by the link 'a'"),
                arguments("a folder below a link", tar().link("a/b", "/").folder("a/b/c"), "by the link 'a/b'"),
                arguments("a link below a link", tar().link("a", "/").link("a/b", "c"), "by the link 'a'"),
                arguments("hard link to dots", tar().hardLink("a", "../b"), "'../b' is not below"),
                arguments("hard link to a root", tar().hardLink("a", "/etc/passwd"), "'/etc/passwd' is not below"),
                arguments("hard link by a link", tar().link("a", "/etc").hardLink("b", "a/passwd"), "by the link 'a'"),
                arguments("a target as GNU tells it", tar().longTarget(LONG).hardLink("b", "a"), "of type 'K'"),
                arguments(
                        "below a hard link to a link",
                        tar().link("a", "/").hardLink("b", "a").file("b/c"),
                        "by the link 'b'"),
                arguments(
                        "hard link, extended", tar().extended("linkpath", "/x").hardLink("b", "a"), "'/x' is not"),
                arguments("a name as GNU tells it", tar().longName(LONG).file("a"), "of type 'L'"),
                arguments(
                        "extended twice",
                        tar().extended("path", "a").extended("comment", "b").file("/c"),
                        "two extended tar headers"),
                arguments(
                        "extended", tar().extended("mtime", "1", "path", "../a").file("a"), "'../a' is not below"),
                arguments(
                        "an extended link",
                        tar().extended("path", "b").link("a", "/").file("b/c"),
                        "the link 'b'"),
                arguments(
                        "sparse",
                        tar().extended("path", "a", "GNU.sparse.name", "/a").file("a"),
                        "'/a' is not"),
                arguments("a member of another kind", tar().member('g', "a", "", new byte[0]), "of type 'g'"),
                arguments("a sparse member of old", tar().member('S', "a", "", new byte[0]), "of type 'S'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("leaving")
    void refuses(String name, TarStream stream, String why) {
        assertThatThrownBy(() -> look(stream.end()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    @Test
    void whatAnExtensionSaysIsOfTheNextMemberOnly() throws IOException {
        look(tar().extended("path", "a").file("b").file("c").end());

        assertThatThrownBy(() ->
                        look(tar().extended("path", "a").file("b").file("/c").end()))
                .hasMessageContaining("'/c' is not below");
    }

    @Test
    void aNameMayBeginInThePrefix() {
        byte[] header = TarStream.header('0', "passwd", "", "00000000000".getBytes(US_ASCII));
        TarStream.put(header, 345, "/etc".getBytes(US_ASCII));

        assertThatThrownBy(
                        () -> look(tar().raw(TarStream.sum(header), new byte[0]).end()))
                .hasMessageContaining("'/etc/passwd' is not below");
    }

    @Test
    void theContentOfAFileIsNotRead() throws IOException {
        byte[] hidden = TarStream.header('0', "/etc/passwd", "", "00000000000".getBytes(US_ASCII));
        byte[] large = {(byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0};

        look(tar().raw(TarStream.header('0', "a", "", large), hidden).end());
        look(tar().extended("size", "512")
                .raw(TarStream.header('0', "a", "", "00000000000".getBytes(US_ASCII)), hidden)
                .end());
    }

    @Test
    void whatFollowsALargeFileIsSeen() {
        byte[] large = {(byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1};

        assertThatThrownBy(() -> look(tar().raw(TarStream.header('0', "a", "", large), new byte[513])
                        .file("/b")
                        .end()))
                .hasMessageContaining("'/b' is not below");
    }

    @Test
    void aSizeThatIsNoNumberIsRefused() {
        byte[] header = TarStream.header('0', "a", "", "0000000009".getBytes(US_ASCII));

        assertThatThrownBy(() -> look(tar().raw(header, new byte[0]).end())).hasMessageContaining("'0000000009'");
        assertThatThrownBy(() -> look(tar().extended("size", "-1").file("a").end()))
                .hasMessageContaining("'-1'");
    }

    @Test
    void whatTarWouldReadOtherwiseIsRefused() {
        byte[] wrong = TarStream.header('0', "a", "", "00000001000".getBytes(US_ASCII));
        wrong[0] = 'b';
        assertRefused(wrong, "checksum is wrong");
        assertRefused(TarStream.header('0', "a", "", "+0000001000".getBytes(US_ASCII)), "'+0000001000'");
        assertRefused(TarStream.header('0', "a", "", ("\0" + "00000001000").getBytes(US_ASCII)), "the number ''");
        byte[] overflowing = {(byte) 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0};
        assertRefused(TarStream.header('0', "a", "", overflowing), "the number");
        byte[] large = {(byte) 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0};
        assertRefused(TarStream.header('0', "a", "", large), "a size that is none");
    }

    private static void assertRefused(byte[] header, String why) {
        assertThatThrownBy(() -> look(tar().raw(header, new byte[512]).end()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    @Test
    void anExtensionIsNeverLarge() {
        byte[] size = String.format("%011o", (1 << 20) + 1).getBytes(US_ASCII);

        assertThatThrownBy(() -> look(TarStream.header('x', "a", "", size)))
                .hasMessageContaining("a tar header of 1048577 bytes");
    }

    @Test
    void recordsThatAreNotWholeAreRefused() {
        for (String records : new String[] {"99 path=a\n", "1 path=a\n", "0 path=a\n", "x path=a\n", "12345"}) {
            assertThatThrownBy(() -> look(tar().member('x', "a", "", records.getBytes(US_ASCII))
                            .end()))
                    .as(records)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void itDoesNotMatterHowTheStreamIsCut() throws IOException {
        byte[] stream = tar().folder("a/")
                .extended("path", "a/b")
                .file("x", "some text")
                .extended("path", LONG)
                .file("y", "more")
                .link("deep2", "/")
                .extended("path", "deep2/" + LONG)
                .file("z")
                .end();
        String whole = refusal(stream, stream.length);
        assertThat(whole).contains("leaves its folder by the link 'deep2'");

        for (int cut = 1; cut < stream.length; cut++) {
            assertThat(refusal(stream, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    private static String refusal(byte[] stream, int cut) throws IOException {
        TarGuard guard = new TarGuard(ROOT);
        try {
            guard.look(ByteBuffer.wrap(stream, 0, cut));
            guard.look(ByteBuffer.wrap(stream, cut, stream.length - cut));
            return "";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Test
    void itDoesNotMatterThatEveryByteComesAlone() {
        byte[] stream =
                tar().file("a", "text").extended("path", "../" + LONG).file("b").end();
        TarGuard guard = new TarGuard(ROOT);

        assertThatThrownBy(() -> {
                    for (byte one : stream) {
                        guard.look(ByteBuffer.wrap(new byte[] {one}));
                    }
                })
                .hasMessageContaining("is not below");
    }

    @Test
    void theBytesStayForTar() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(tar().file("a", "text").end());
        new TarGuard(ROOT).look(bytes);

        assertThat(bytes.position()).isZero();
    }
}
