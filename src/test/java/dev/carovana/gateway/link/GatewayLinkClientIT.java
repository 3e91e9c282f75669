// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.gateway.route.CallReports;
import dev.carovana.gateway.route.RouteListener;
import dev.carovana.link.v1.FromGateway;
import dev.carovana.link.v1.FunctionGone;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.GatewayHello;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceGone;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peers;
import dev.carovana.link.v1.Synced;
import dev.carovana.link.v1.ToGateway;
import dev.carovana.link.v1.Unwanted;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.inject.Instance;
import java.io.File;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over gRPC with mutual TLS, as k8s/make-certs makes the certificates. */
class GatewayLinkClientIT {
    @TempDir
    static Path certificates;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private FakeController controller;
    private GatewayLinkClient client;

    @BeforeAll
    static void certificates() throws Exception {
        for (List<String> name : List.of(List.of("carovana-controller", "DNS:localhost"), List.of("gateway.edge-a"))) {
            ProcessBuilder make =
                    new ProcessBuilder(new File("k8s/make-certs").getPath(), certificates.toString()).inheritIO();
            make.command().addAll(name);
            assertThat(make.start().waitFor()).isZero();
        }
    }

    @BeforeEach
    void start() throws Exception {
        controller = new FakeController(certificates.resolve("carovana-controller"));
        controller.start(0);
    }

    @AfterEach
    void stop() throws Exception {
        client.stop(null);
        controller.close();
    }

    private void open(Role role) throws Exception {
        client = new GatewayLinkClient(
                new Settings(role),
                new GatewaySettings("localhost:" + controller.port()),
                bean(RouteListener.class, new Recorder()),
                bean(
                        CallReports.class,
                        () -> List.of(
                                InstanceCalls.newBuilder().setInstance("cart-1").build())),
                "1.2.3");
        client.start(new StartupEvent());
    }

    private void connect() throws Exception {
        open(Role.GATEWAY);
        await().until(client::isConnected);
    }

    @Test
    void saysWhoItIsAndWhatItWants() throws Exception {
        connect();

        client.want("functions", "cart", "alice");
        client.drained("functions", "cart-1", "uid");

        await().until(() -> controller.heard().size() >= 3);
        GatewayHello hello = controller.heard().getFirst().getHello();
        assertThat(hello.getProtocol()).isEqualTo(1);
        assertThat(hello.getSite()).isEqualTo("edge-a");
        assertThat(hello.getName()).isEqualTo("gateway-1");
        assertThat(hello.getVersion()).isEqualTo("1.2.3");
        assertThat(hello.getPeerAddress()).isEqualTo("10.102.0.5:8443");
        assertThat(controller.heard().get(1).getWant().getUser()).isEqualTo("alice");
        assertThat(controller.heard().get(2).getDrained().getHold()).isEqualTo("uid");
    }

    @Test
    void passesOnWhatTheControllerSaysInItsOrder() throws Exception {
        connect();

        for (ToGateway.Builder message : List.of(
                ToGateway.newBuilder().setFunction(FunctionRoute.newBuilder().setName("cart")),
                ToGateway.newBuilder().setInstance(InstanceRoute.newBuilder().setInstance("cart-1")),
                ToGateway.newBuilder().setPeers(Peers.getDefaultInstance()),
                ToGateway.newBuilder().setSynced(Synced.getDefaultInstance()),
                ToGateway.newBuilder().setUnwanted(Unwanted.newBuilder().setUser("bob")),
                ToGateway.newBuilder().setInstanceGone(InstanceGone.newBuilder().setInstance("cart-1")),
                ToGateway.newBuilder().setFunctionGone(FunctionGone.newBuilder().setName("cart")))) {
            controller.say(message.build());
        }

        await().untilAsserted(() -> assertThat(told)
                .containsExactly(
                        "syncing",
                        "function cart",
                        "instance cart-1",
                        "peers",
                        "synced",
                        "unwanted bob",
                        "gone cart-1",
                        "gone cart"));
    }

    @Test
    void keepsWhatItKnowsAndComesBack() throws Exception {
        connect();
        int port = controller.port();
        controller.close();
        await().until(() -> !client.isConnected());
        client.want("functions", "cart", "nobody hears it");
        assertThat(told).containsExactly("syncing");

        controller.start(port);

        await().until(client::isConnected);
        await().untilAsserted(() -> assertThat(told).containsExactly("syncing", "syncing"));
        assertThat(controller.heard()).allMatch(FromGateway::hasHello);
    }

    @Test
    void reportsCallsEveryTenSeconds() throws Exception {
        connect();

        await().atMost(Duration.ofSeconds(20))
                .until(() -> controller.heard().stream().anyMatch(m -> m.getCalls().getInstancesList().stream()
                        .anyMatch(i -> i.getInstance().equals("cart-1"))));
    }

    @Test
    void aGatewayThatIsRefusedIsNotConnected() throws Exception {
        controller.refuse("link protocol 1, expected 2");
        open(Role.GATEWAY);

        await().until(() -> !controller.heard().isEmpty());
        await().during(Duration.ofMillis(500)).until(() -> !client.isConnected());
        assertThat(told).isEmpty();
    }

    @Test
    void otherRolesHaveNoSuchLink() throws Exception {
        open(Role.AGENT);

        await().during(Duration.ofMillis(500)).until(() -> controller.heard().isEmpty());
        assertThat(client.isConnected()).isFalse();
    }

    @SuppressWarnings("unchecked")
    private static <T> Instance<T> bean(Class<T> type, T bean) {
        return (Instance<T>) Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {Instance.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "isResolvable" -> true;
                    case "get" -> bean;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private record Settings(Role role) implements CarovanaConfig {
        @Override
        public Tls tls() {
            return () -> Optional.of(certificates.resolve("gateway.edge-a").toString());
        }

        @Override
        public Link link() {
            return () -> 0;
        }

        @Override
        public Kubernetes kubernetes() {
            throw new UnsupportedOperationException();
        }
    }

    private record GatewaySettings(String address) implements GatewayLinkConfig {
        @Override
        public Optional<String> site() {
            return Optional.of("edge-a");
        }

        @Override
        public Optional<String> name() {
            return Optional.of("gateway-1");
        }

        @Override
        public Optional<String> controller() {
            return Optional.of(address);
        }

        @Override
        public Peer peer() {
            return () -> Optional.of("10.102.0.5:8443");
        }
    }

    private final class Recorder implements RouteListener {
        @Override
        public void syncing() {
            told.add("syncing");
        }

        @Override
        public void function(FunctionRoute function) {
            told.add("function " + function.getName());
        }

        @Override
        public void functionGone(String namespace, String name) {
            told.add("gone " + name);
        }

        @Override
        public void instance(InstanceRoute route) {
            told.add("instance " + route.getInstance());
        }

        @Override
        public void instanceGone(String namespace, String instance) {
            told.add("gone " + instance);
        }

        @Override
        public void peers(Peers peers) {
            told.add("peers");
        }

        @Override
        public void synced() {
            told.add("synced");
        }

        @Override
        public void unwanted(Unwanted answer) {
            told.add("unwanted " + answer.getUser());
        }
    }
}
