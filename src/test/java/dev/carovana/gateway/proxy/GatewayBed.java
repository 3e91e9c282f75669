// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.gateway.route.FakeHub;
import dev.carovana.gateway.route.Limits;
import dev.carovana.gateway.route.Room;
import dev.carovana.gateway.route.RouteTable;
import dev.carovana.gateway.route.SystemTimers;
import dev.carovana.gateway.user.UserSettings;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peer;
import dev.carovana.link.v1.Peers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.tracing.TracingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A gateway of one site, told what the test wants. */
final class GatewayBed implements AutoCloseable {
    final FakeHub hub = new FakeHub();
    final Room room = new Room(1000, 1 << 20);
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final CallBook book = new CallBook(registry, new AccessLog(true));
    final RouteTable routes;
    final GatewayServer server;
    final String site;

    GatewayBed(String site, @Nullable Path certificates) {
        this(site, certificates, Duration.ofSeconds(10), null);
    }

    GatewayBed(String site, @Nullable Path certificates, Duration patience) {
        this(site, certificates, patience, null);
    }

    GatewayBed(String site, @Nullable Path certificates, Duration patience, @Nullable TracingOptions traces) {
        this.site = site;
        Limits limits = new Limits(site, patience, patience, Duration.ofMillis(300), 100, 1000);
        routes = new RouteTable(limits, room, new SystemTimers(), () -> hub);
        Settings settings = new Settings(
                site,
                0,
                0,
                null,
                certificates == null ? null : certify(certificates, "gateway." + site),
                64 << 10,
                Duration.ofSeconds(20),
                new Settings.Pool(64, Duration.ofSeconds(3), Duration.ofSeconds(1)),
                traces);
        UserSettings users =
                new UserSettings(List.of("127.0.0.0/8", "::1"), Optional.empty(), Optional.empty(), Optional.empty());
        server = GatewayServer.start(settings, users, routes, book);
    }

    static Path certify(Path authority, String name) {
        try {
            int result = new ProcessBuilder("k8s/make-certs", authority.toString(), name)
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(result).isZero();
            return authority.resolve(name);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    /** All gateways know each other from then on. */
    static void introduce(GatewayBed... all) {
        Peers.Builder peers = Peers.newBuilder();
        for (GatewayBed one : all) {
            peers.addPeers(Peer.newBuilder()
                    .setSite(one.site)
                    .setName("gateway-" + one.site)
                    .setAddress("127.0.0.1:" + one.server.peerPort()));
        }
        Stream.of(all).forEach(one -> one.routes.peers(peers.build()));
    }

    static FunctionRoute.Builder function(int port) {
        return FunctionRoute.newBuilder().setNamespace("shop").setName("cart").setPort(port);
    }

    static InstanceRoute.Builder instance(String site, long epoch) {
        return InstanceRoute.newBuilder()
                .setNamespace("shop")
                .setInstance("cart-ann")
                .setFunction("cart")
                .setUser("ann")
                .setSite(site)
                .setEpoch(epoch)
                .setHost("127.0.0.1");
    }

    void know(FunctionRoute.Builder function, InstanceRoute.Builder... instances) {
        routes.syncing();
        routes.function(function.build());
        Stream.of(instances).forEach(instance -> routes.instance(instance.build()));
        routes.synced();
    }

    void tell(InstanceRoute.Builder instance) {
        routes.instance(instance.build());
    }

    @Override
    public void close() {
        server.stop(Duration.ofSeconds(2));
    }
}
