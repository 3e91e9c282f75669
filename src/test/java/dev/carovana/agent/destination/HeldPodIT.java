// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.runtime.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real network namespace, which root only can make. */
@Timeout(60)
class HeldPodIT {
    private static final String ADDRESS = "10.244.1.5";

    private Process sandbox;
    private HeldPod pod;

    @BeforeEach
    void makeNetwork() throws IOException {
        sandbox = sandbox();
        pod = new HeldPod(
                new Node(Path.of("/"), List.of()),
                "no-wrapper",
                "/proc/" + sandbox.pid() + "/ns/net",
                () -> PodVolumes.NONE);
        in("ip link set lo up; ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip link set eth1 up;"
                + " ip address add " + ADDRESS + "/24 dev eth0");
    }

    private static Process sandbox() throws IOException {
        Process sandbox = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
        Path network = Path.of("/proc/" + sandbox.pid() + "/ns/net");
        await().until(() -> sandbox.isAlive()
                && !Files.readSymbolicLink(network).equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net"))));
        return sandbox;
    }

    @AfterEach
    void removeNetwork() throws InterruptedException {
        sandbox.destroyForcibly().waitFor();
    }

    private String in(String script) throws IOException {
        return in(sandbox, script);
    }

    private static String in(Process sandbox, String script) throws IOException {
        Node.Result result = Node.execute(
                Node.inNetwork(Path.of("/proc/" + sandbox.pid() + "/ns/net"), List.of("sh", "-ec", script)));
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }

    /** A process that listens at an address and is connected with itself. */
    private Process connection(String address, int port) throws IOException {
        Process process = new ProcessBuilder(Node.inNetwork(
                        Path.of("/proc/" + sandbox.pid() + "/ns/net"),
                        List.of(
                                "python3",
                                "-c",
                                "import socket,time\n"
                                        + "s=socket.create_server(('" + address + "'," + port + "))\n"
                                        + "c=socket.create_connection(('" + address + "'," + port + "),5,('" + address
                                        + "',0))\n"
                                        + "a,_=s.accept()\ntime.sleep(60)")))
                .inheritIO()
                .start();
        await().until(() -> connected().contains(":" + port));
        return process;
    }

    private String connected() throws IOException {
        return in("ss -Htn state established");
    }

    @Test
    void connectionsToTheOutsideEndWithTheOldAddress() throws IOException {
        pod.addAddresses(List.of("10.244.7.7"));
        Process old = connection("10.244.7.7", 7000);

        pod.endOwnConnections();
        assertThat(connected()).contains(":7000");
        pod.endConnections(List.of("10.244.7.7"));

        assertThat(connected()).isEmpty();
        assertThat(in("ip -o address show")).doesNotContain("10.244.7.7");
        old.destroyForcibly();
    }

    /** At a site whose pod network overlaps: who calls the pod there has such a connection, too. */
    @Test
    void anAddressThatThePodHasAgainStaysAndSoDoNewConnections() throws IOException {
        pod.addAddresses(List.of(ADDRESS));
        Process old = connection(ADDRESS, 7000);
        pod.endOwnConnections();
        assertThat(connected()).isEmpty();
        Process callers = connection(ADDRESS, 7001);

        pod.endConnections(List.of(ADDRESS));

        assertThat(connected()).contains(":7001");
        assertThat(in("ip -o address show")).contains(ADDRESS + "/24");
        old.destroyForcibly();
        callers.destroyForcibly();
    }

    /** Another pod may have it at this site: whoever called that one came here, or had its connection broken from here. */
    @Test
    void nobodyOutsideKnowsThatThePodHasAnOldAddress() throws IOException {
        Process neighbour = sandbox();
        in("ip link set eth1 netns " + neighbour.pid());
        in(neighbour, "ip link set eth1 up; ip address add 10.244.1.1/16 dev eth1");
        String send = "python3 -c \"import socket; s=socket.socket(type=socket.SOCK_DGRAM);"
                + " s.bind(('%s', 0)); print(s.sendto(b'x', ('%s', 9)))\" 2>&1 || true";
        pod.addAddresses(List.of("10.244.7.7", "10.244.7.8"));

        assertThat(in(send.formatted("10.244.7.8", "10.244.1.1"))).contains("PermissionError");
        assertThat(in(send.formatted("10.244.7.8", "10.244.7.7"))).isEqualTo("1");
        in(neighbour, send.formatted("10.244.1.1", "10.244.7.7"));
        in(neighbour, send.formatted("10.244.1.1", ADDRESS));
        await().until(() -> in(neighbour, "ip neigh show to 10.244.7.7").contains("FAILED"));
        assertThat(in(neighbour, "ip neigh show to " + ADDRESS)).contains("lladdr");
        assertThat(in(neighbour, "ip neigh show to 10.244.7.8")).isEmpty();

        pod.endConnections(List.of("10.244.7.7", "10.244.7.8"));
        assertThat(in("nft list tables")).isEmpty();
        neighbour.destroyForcibly();
    }
}
