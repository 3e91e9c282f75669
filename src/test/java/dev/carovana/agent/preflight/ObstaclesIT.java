// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel tells of real processes. Root only can give them a network of their own. */
@Timeout(60)
class ObstaclesIT {
    private static final String EPOLL =
            "import os, select, socket\npoll, (one, other) = select.epoll(), socket.socketpair()\n";
    private static final String TIMER =
            """
            import ctypes, threading, time
            libc = ctypes.CDLL(None)
            def make(thread):
                event = (ctypes.c_int * 16)(0, 0, 10, %d, thread)
                assert libc.timer_create(1, event, ctypes.byref(ctypes.c_void_p())) == 0
            """;
    private static final int SIGEV_SIGNAL = 0;
    private static final int SIGEV_THREAD_ID = 4;
    private static final String CONNECTION =
            """
            import socket
            listener = socket.create_server((%s, 0))
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            server.setblocking(False)
            """;
    private static final String FILL =
            """
            try:
                while True:
                    server.send(bytes(1 << 16))
            except BlockingIOError:
                pass
            """;

    private static List<String> ofContainer(String script) throws IOException {
        try (PythonProcess process = PythonProcess.that(script)) {
            return codes(Obstacles.ofContainer("main", List.of(process.folder())));
        }
    }

    private static List<String> ofPod(String script) throws IOException {
        try (PythonProcess process = PythonProcess.that(script)) {
            return codes(Obstacles.ofPod(process.folder()));
        }
    }

    private static List<String> codes(List<Reason> reasons) {
        return reasons.stream().map(Reason::getCode).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "poll.register(one)",
                "poll.register(one); kept = os.dup(one.fileno()); one.close()",
                "poll.register(one); poll.unregister(one); one.close()"
            })
    void anEpollSetWhoseFilesAreOpen(String script) throws IOException {
        assertThat(ofContainer(EPOLL + script)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "poll.register(one)\nif os.fork() == 0: os.read(other.fileno(), 1)\none.close()",
                "poll.register(one)\nif os.fork() == 0: os.read(other.fileno(), 1)\nos.dup2(other.fileno(), one.fileno())"
            })
    void anEpollSetWithAFileThatAChildHas(String script) throws IOException {
        assertThat(ofContainer(EPOLL + script)).containsExactly("EpollOrphan");
    }

    @Test
    void aChildMayCloseWhatItsParentHasInASet() throws IOException {
        String script = EPOLL
                + "poll.register(one)\nchild = os.fork()\nif child == 0:\n    one.close()\n    os.read(other.fileno(), 1)\nprint(child)";
        try (PythonProcess process = PythonProcess.started(script)) {
            Path child = Path.of("/proc/" + process.line());
            assertThat(process.line()).isEqualTo("ready");

            assertThat(codes(Obstacles.ofContainer("main", List.of(process.folder(), child))))
                    .isEmpty();
            assertThat(codes(Obstacles.ofContainer("main", List.of(child)))).containsExactly("EpollOrphan");
        }
    }

    @Test
    void timersOfTheProcessAndOfItsFirstThread() throws IOException {
        assertThat(ofContainer(TIMER.formatted(SIGEV_SIGNAL) + "make(0)")).isEmpty();
        assertThat(ofContainer(TIMER.formatted(SIGEV_THREAD_ID) + "make(threading.get_native_id())"))
                .isEmpty();
    }

    @Test
    void aTimerOfAnotherThread() throws IOException {
        assertThat(
                        ofContainer(
                                TIMER.formatted(SIGEV_THREAD_ID)
                                        + "thread = threading.Thread(target=time.sleep, args=[60], daemon=True)\nthread.start()\nmake(thread.native_id)"))
                .containsExactly("ThreadTimer");
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 1025})
    void pipesWithSomethingInThem(int count) throws IOException {
        String script =
                """
                import os, resource
                resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
                pipes = [os.pipe() for _ in range(1100)]
                for _, writer in pipes[:%d]: os.write(writer, b"x")
                """;
        assertThat(ofContainer(script.formatted(count)))
                .isEqualTo(Stream.of("Pipes").limit(count - 1024).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"'0.0.0.0'", "'127.0.0.1'", "'127.9.9.9'"})
    void aServerOnEveryAddressOrLoopback(String address) throws IOException {
        assertThat(ofPod(CONNECTION.formatted(address))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "import socket; s = socket.create_server(('192.0.2.7', 80))",
                "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('192.0.2.7', 53))",
                "import socket; s = socket.create_server(('2001:db8::7', 80), family=socket.AF_INET6)"
            })
    void aServerOnAnAddressOfThePod(String script) throws IOException {
        String addresses = "import subprocess\nfor a in ('192.0.2.7/32', '2001:db8::7/128'): "
                + "subprocess.run(['ip', 'address', 'add', a, 'dev', 'lo', *(['nodad'] if ':' in a else [])], check=True)\n";
        assertThat(ofPod(addresses + script)).containsExactly("OwnAddress");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton('127.0.0.1')",
                "IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, 'ff02::fb') + bytes([1, 0, 0, 0])"
            })
    void aMemberOfAMulticastGroup(String membership) throws IOException {
        String script = "import socket\ns = socket.socket(socket.%s, socket.SOCK_DGRAM)\ns.setsockopt(socket.%s)"
                .formatted(membership.contains("IPV6") ? "AF_INET6" : "AF_INET", membership);
        assertThat(ofPod(script)).containsExactly("MulticastGroup");
    }

    @Test
    void whatASenderThatHasClosedHasStillToSend() throws IOException {
        String open = CONNECTION.formatted("'127.0.0.1'") + FILL;
        assertThat(ofPod(open)).as("the sender has it").isEmpty();
        assertThat(ofPod(open + "server.close()")).containsExactly("UnsentData");
        assertThat(ofPod(CONNECTION.formatted("'127.0.0.1'") + "server.send(b'a little')\nserver.close()"))
                .as("the other end has it")
                .isEmpty();
    }
}
