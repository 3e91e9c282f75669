// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus.ContainerTimes;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a move keeps, on the real clusters: the cart sample, two containers that talk over loopback TCP. */
class LiveMigrationE2E {
    private final List<String> started = new ArrayList<>();

    private String start(String name, String site) {
        started.add(name);
        Instances.start(name, "cart", site);
        return name;
    }

    @AfterEach
    void removeInstances() {
        started.forEach(Instances::delete);
    }

    @Test
    void memoryFilesAndConnectionsGoOnAtTheOtherSiteAndBack() throws Exception {
        String name = start("keeps-state", "edge-a");
        Cart cart = new Cart(name);
        Cart.State before = cart.add("apple");
        Instances.inContainer(
                name,
                "cart",
                "echo layer > /tmp/layer; echo shared > /dev/shm/shared; ls /scratch >/dev/null && echo volume > /scratch/volume");
        Instances.inContainer(name, "redis", "echo device > /dev/own");

        Migration there = Instances.move(name, "edge-b");
        Cart.State after = cart.get();
        Instances.move(name, "edge-a");
        Cart.State back = cart.add("pear");

        assertThat(after)
                .as("nothing changed but the place")
                .usingRecursiveComparison()
                .ignoringFields("uptimeSeconds")
                .isEqualTo(before);
        assertThat(after.uptimeSeconds())
                .as("the monotonic clock went on without a jump")
                .isBetween(before.uptimeSeconds(), before.uptimeSeconds() + 120);
        assertThat(back.sequence()).isEqualTo(before.sequence() + 1);
        assertThat(back.process()).isEqualTo(before.process());
        assertThat(back.connects())
                .as("the loopback connection to Redis was kept")
                .isEqualTo(before.connects());
        assertThat(Instances.inContainer(name, "cart", "cat /tmp/layer /dev/shm/shared /scratch/volume"))
                .isEqualTo("layer\nshared\nvolume\n");
        int usual = Integer.parseInt(
                Instances.inContainer(name, "cart", "ls /dev | wc -l").strip());
        assertThat(Instances.inContainer(name, "redis", "cat /dev/own; ls /dev | wc -l"))
                .as("a /dev with something of the function's own")
                .isEqualTo("device\n" + (usual + 1) + "\n");
        assertThat(there.getStatus().containers())
                .extracting(ContainerTimes::name)
                .containsExactlyInAnyOrder("cart", "redis");
        assertThat(there.getStatus().containers())
                .as("most of the memory was sent ahead")
                .allSatisfy(c -> assertThat(c.bytesSent()).isPositive().isLessThan(c.bytesDumped() / 2));
        assertThat(there.getStatus().freezeMillis()).isPositive();
    }

    @Test
    void theMovedPodLooksLikeAnyOtherToKubernetes() throws Exception {
        String name = start("looks-normal", "edge-a");
        Cart cart = new Cart(name);
        Instances.move(name, "edge-b");
        cart.add("plum");

        Pod atHub = pod("hub", name);
        Pod atSite = pod("edge-b", name);
        assertThat(atHub.getStatus().getContainerStatuses()).hasSize(2).allSatisfy(this::runsUnrestarted);
        assertThat(atSite.getStatus().getContainerStatuses()).hasSize(2).allSatisfy(this::runsUnrestarted);
        assertThat(Instances.inContainer(name, "redis", "redis-cli ping")).isEqualTo("PONG\n");
        assertThat(logs(name, "cart"))
                .as("what the restored process writes reaches its log")
                .contains("POST /items");
        assertThat(memoryOf("edge-b", atSite, "cart"))
                .as("statistics are the restored container's")
                .isGreaterThan(4L << 20);
    }

    @Test
    void aContainerThatIsKilledForMemoryAfterAMoveSaysSo() throws Exception {
        String name = start("oom", "edge-a");
        Instances.move(name, "edge-b");
        Pod pod = pod("edge-b", name);

        // the container's own limit, lowered to little more than it uses
        long limit = memoryOf("edge-b", pod, "redis") + (16L << 20);
        Lab.node(
                "edge-b",
                "runc",
                "--root",
                "/run/containerd/runc/k8s.io",
                "update",
                "--memory",
                "" + limit,
                "--memory-swap",
                "" + limit,
                containerId(pod, "redis"));
        assertThatThrownBy(() -> Instances.inContainer(name, "redis", "redis-cli setrange big 134217728 x"))
                .as("Redis grows, and takes everything in its container along")
                .isInstanceOf(IllegalStateException.class);

        Lab.cluster("edge-b")
                .pods()
                .inNamespace(Lab.NAMESPACE)
                .withName(pod.getMetadata().getName())
                .waitUntilCondition(
                        p -> p.getStatus().getContainerStatuses().stream()
                                .anyMatch(c -> c.getLastState().getTerminated() != null
                                        && "OOMKilled"
                                                .equals(c.getLastState()
                                                        .getTerminated()
                                                        .getReason())),
                        60,
                        TimeUnit.SECONDS);
        FunctionInstance instance = Instances.await(
                name,
                i -> i.getStatus().conditions() != null
                        && i.getStatus().conditions().stream()
                                .anyMatch(c -> c.getType().equals("StateLost")
                                        && c.getStatus().equals("True")),
                Instances.START);
        assertThat(instance.getStatus().site())
                .as("R6: it started cold where it is, not from images")
                .isEqualTo("edge-b");
    }

    @Test
    void aConnectionThatTheFunctionDoesNotCloseHoldsNoLaterMoveUp() throws Exception {
        String name = start("keeps-connection", "edge-a");
        Instances.inContainer(
                name,
                "cart",
                """
                setsid python3 -c '
                import socket, time
                connection = socket.create_server(("", 9000)).accept()[0]
                connection.send(b"x")
                time.sleep(3600)' </dev/null >/dev/null 2>&1 &
                while ! grep -q ":2328 .* 0A " /proc/net/tcp; do :; done"""
                        .stripIndent());
        String address = Objects.requireNonNull(Instances.get(name).getStatus().address());
        try (Socket client = new Socket(address, 9000)) {
            assertThat(client.getInputStream().read()).isEqualTo('x');
            Instances.move(name, "edge-b");
            Instances.move(name, "edge-a"); // its socket is bound to the address of two pods ago
            Instances.move(name, "edge-b");
        }
        assertThat(new Cart(name).add("quince").sequence()).isEqualTo(1);
    }

    @Test
    void whatContainersHaveJustSentEachOtherIsNotSentAgain() {
        String name = start("talks", "edge-a");
        Instances.inContainer(
                name,
                "cart",
                """
                setsid python3 -c '
                import socket, time
                connection = socket.create_connection(("127.0.0.1", 6379))
                longest = 0
                while True:
                    begin = time.monotonic()
                    connection.sendall(b"PING\\r\\n")
                    connection.recv(7)
                    pause = time.monotonic() - begin
                    if pause > longest:
                        longest = pause
                        open("/dev/shm/longest", "w").write(f"{pause * 1000:.0f}")
                ' </dev/null >/dev/null 2>&1 &
                while [ ! -s /dev/shm/longest ]; do :; done"""
                        .stripIndent());
        double freeze = 0;
        for (String site : List.of("edge-b", "edge-a", "edge-b", "edge-a")) {
            Double measured = Instances.move(name, site).getStatus().freezeMillis();
            freeze = Math.max(freeze, Objects.requireNonNull(measured));
        }
        // nothing but TCP waits for a second; the first packet that is lost after a restore does
        assertThat(Double.parseDouble(Instances.inContainer(name, "redis", "cat /dev/shm/longest")))
                .as("ms between a question and its answer, with a freeze of %.0f", freeze)
                .isLessThan(freeze + 900);
    }

    @Test
    void theHubIsASiteToo() throws Exception {
        String name = start("via-hub", "edge-b");
        Cart cart = new Cart(name);
        Cart.State before = cart.add("fig");
        Instances.move(name, "hub");
        assertThat(cart.add("fig").sequence()).isEqualTo(before.sequence() + 1);
        Instances.move(name, "edge-a");
        assertThat(cart.get().process()).isEqualTo(before.process());
    }

    @Test
    void twentyMovesLoseAndDoubleNothing() throws Exception {
        String name = start("twenty", "edge-a");
        try (CountingUser user = new CountingUser(name)) {
            for (int move = 0; move < 20; move++) {
                Instances.move(name, move % 2 == 0 ? "edge-b" : "edge-a");
            }
            long counted = user.sequence();
            assertThat(user.stopAndGiveProblems()).isEmpty();
            assertThat(counted).as("the user was served between the moves").isGreaterThan(20);
        }
        assertThat(Instances.get(name).getStatus().epoch()).isEqualTo(21);
        assertThat(Lab.controllerLog()).as("the controller has not stumbled").doesNotContain("NullPointerException");
    }

    @Test
    void fourInstancesMoveAtOnce() throws Exception {
        Map<String, Cart.State> before = new HashMap<>();
        for (int i = 0; i < 4; i++) {
            String name = start("four-" + i, i % 2 == 0 ? "edge-a" : "edge-b");
            before.put(name, new Cart(name).add("item-" + i));
        }
        Map<String, String> targets = new HashMap<>();
        before.keySet()
                .forEach(name -> targets.put(
                        name, Instances.get(name).getStatus().site().equals("edge-a") ? "edge-b" : "edge-a"));
        List<String> migrations = targets.entrySet().stream()
                .map(target -> Instances.requestMove(target.getKey(), target.getValue()))
                .toList();
        assertThat(migrations).map(Instances::finished).allSatisfy(m -> assertThat(
                        m.getStatus().phase())
                .as("%s %s", m.getStatus().reason(), m.getStatus().message())
                .isEqualTo(dev.carovana.model.MigrationPhase.Succeeded));
        for (String name : before.keySet()) {
            Instances.await(name, i -> Instances.running(i, targets.get(name)), Instances.MOVE);
            Cart.State now = new Cart(name).get();
            assertThat(now.hash()).isEqualTo(before.get(name).hash());
            assertThat(now.process()).isEqualTo(before.get(name).process());
        }
    }

    private void runsUnrestarted(ContainerStatus status) {
        assertThat(status.getState().getRunning()).isNotNull();
        assertThat(status.getRestartCount()).isZero();
    }

    private static Pod pod(String site, String name) {
        return Lab.cluster(site)
                .pods()
                .inNamespace(Lab.NAMESPACE)
                .withName(Instances.get(name).getStatus().podName())
                .require();
    }

    private static String containerId(Pod pod, String container) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(s -> s.getName().equals(container))
                .findFirst()
                .orElseThrow()
                .getContainerID()
                .replaceFirst("^containerd://", "");
    }

    private static String logs(String name, String container) {
        return Lab.run(List.of(
                "lab/kubectl",
                "hub",
                "-n",
                Lab.NAMESPACE,
                "logs",
                Instances.get(name).getStatus().podName(),
                "-c",
                container));
    }

    /** Bytes of memory by kubelet's own statistics, the way the metrics pipeline reads them. */
    private static long memoryOf(String site, Pod pod, String container) throws Exception {
        var summary = new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(Lab.run(List.of(
                        "lab/kubectl", site, "get", "--raw", "/api/v1/nodes/" + site + "/proxy/stats/summary")));
        for (var entry : summary.get("pods")) {
            if (entry.at("/podRef/name").asText().equals(pod.getMetadata().getName())) {
                for (var c : entry.get("containers")) {
                    if (c.get("name").asText().equals(container)) {
                        return c.at("/memory/workingSetBytes").asLong();
                    }
                }
            }
        }
        throw new AssertionError(
                "kubelet has no statistics of " + pod.getMetadata().getName() + "/" + container);
    }
}
