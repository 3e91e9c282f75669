// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Lines are as ss prints them. */
class UnixSocketsTest {
    /** Sockets 1 and 2 are app's, 3 and 4 side's. */
    private final OpenFiles open = new OpenFiles();

    UnixSocketsTest() {
        open.add("app", List.of("socket:[1]", "socket:[2]", "/dev/null", "pipe:[9]"));
        open.add("side", List.of("socket:[3]", "socket:[4]"));
    }

    private List<String> problems(String... lines) {
        return UnixSockets.of(List.of(lines).stream(), open).problems();
    }

    @Test
    void whatIsConnectedWithinAContainerMoves() {
        assertThat(problems(
                        "u_str ESTAB  0      0                         * 1 * 2 <->        ",
                        "u_str ESTAB  0      0                 /run/x y * 2 * 1 <->        ",
                        "u_str ESTAB  0      0                         * 3 * 0 ---        ",
                        "u_str LISTEN 0      5      /tmp/a b7z57hg2d/l s 4 * 0 <-> ino:10078559 dev:0/65024 peers:"))
                .isEmpty();
    }

    @Test
    void streamsBetweenContainersMove() {
        assertThat(problems(
                        "u_str ESTAB  0      0                         * 1 * 3 <->        ",
                        "u_str ESTAB  0      0              /sock/php fpm 3 * 1 <-> ino:7 dev:0/5",
                        "u_seq ESTAB  0      0                    @packets 2 * 4 <->        ",
                        "u_seq ESTAB  0      0                         * 4 * 2 <->        "))
                .isEmpty();
    }

    @Test
    void aStreamThatOneContainerHasPassedToTheOtherIsRefused() {
        assertThat(problems("u_str ESTAB  0  0  * 1 * 3 <->  ", "u_str ESTAB  0  0  * 3 * 1 <->  "))
                .containsExactly("containers app and side are connected by a stream unix socket without a name,"
                        + " which cannot be found again: bind it to one");
    }

    @Test
    void aStreamThatLeavesThePodIsRefused() {
        assertThat(problems("u_str ESTAB  0  0  * 1 * 77 <->  "))
                .singleElement()
                .asString()
                .startsWith(
                        "container app and none of the pod's are connected by a stream unix socket, whose other end");
    }

    @Test
    void datagramSocketsBetweenContainersMoveInWhateverDirection() {
        assertThat(problems(
                        "u_dgr ESTAB  0      0                         * 1 * 3 <->        ",
                        "u_dgr ESTAB  0      0               /log/dev-log 3 * 0 <-> ino:7 dev:0/5",
                        "u_dgr ESTAB  0      0                        @a 2 * 4 <->        ",
                        "u_dgr ESTAB  0      0                        @b 4 * 2 <->        "))
                .isEmpty();
    }

    @Test
    void datagramsToAnAbstractNameAreTold() {
        assertThat(UnixSockets.of(
                                Stream.of(
                                        "u_dgr ESTAB  0  0        * 1 * 3 <->  ",
                                        "u_dgr UNCONN 0  0     @log 3 * 0 <->  ",
                                        "u_dgr ESTAB  0  0  /run/me 4 * 3 <-> ino:7 dev:0/5"),
                                open)
                        .abstractDatagrams())
                .containsExactly("app");
        assertThat(UnixSockets.of(
                                Stream.of(
                                        "u_dgr ESTAB  0  0        * 1 * 3 <->  ",
                                        "u_dgr UNCONN 0  0     /log 3 * 0 <-> ino:7 dev:0/5",
                                        "u_str ESTAB  0  0        * 2 * 4 <->  ",
                                        "u_str ESTAB  0  0     @app 4 * 2 <->  "),
                                open)
                        .abstractDatagrams())
                .isEmpty();
    }

    @Test
    void aDatagramSocketWhoseOtherEndIsNotFoundIsRefused() {
        assertThat(problems("u_dgr ESTAB  0  0  * 1 * 77 <->  ", "u_dgr UNCONN 0  0  /host 77 * 0 <->  "))
                .singleElement()
                .asString()
                .contains("whose other end would not move with it");
        assertThat(problems("u_dgr ESTAB  0  0  * 1 * 3 <->  ", "u_dgr ESTAB  0  0  * 3 * 1 <->  "))
                .singleElement()
                .asString()
                .contains("without a name");
    }

    @Test
    void nothingCanBeSentToASocketThatIsConnectedElsewhere() {
        assertThat(problems(
                        "u_dgr ESTAB  0  0  * 1 * 3 <->  ",
                        "u_dgr ESTAB  0  0  /log 3 * 4 <->  ",
                        "u_dgr ESTAB  0  0  /out 4 * 0 <->  "))
                .singleElement()
                .asString()
                .startsWith("containers app and side are connected by a datagram unix socket (/log), which is itself");
    }

    @Test
    void aConnectionThatIsNotAcceptedYetIsRefused() {
        String listener = "u_str LISTEN 1      5      /tmp/l 4 * 0        <-> ino:1 dev:0/6 peers: ";

        assertThat(problems(listener + 3)).isEmpty();
        assertThat(problems(listener + 1))
                .containsExactly("container side has not accepted a connection (/tmp/l) of app,"
                        + " which cannot be dumped: accept what connects");
        assertThat(problems(listener + "3 0")).singleElement().asString().contains("of a socket that is closed again");
    }

    @Test
    void aSocketThatWasPassedOnIsRefused() {
        open.add("side", List.of("socket:[1]"));

        assertThat(problems("u_str ESTAB  0  0  * 1 * 0 ---  "))
                .singleElement()
                .asString()
                .startsWith("containers app and side have the same unix socket open");
    }

    @Test
    void aPipeThatWasPassedOnIsRefused() {
        open.add("app", List.of("pipe:[9]")); // another process of it
        assertThat(open.sharedPipes()).isEmpty();

        open.add("side", List.of("pipe:[9]"));

        assertThat(open.sharedPipes())
                .singleElement()
                .asString()
                .startsWith("containers app and side have the same pipe open");
    }

    @Test
    void socketsOfOthersInTheNamespaceAreNoConcern() {
        assertThat(problems("u_str ESTAB  0  0  * 5 * 6 <->  ", "Error: something else"))
                .isEmpty();
    }
}
