// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.gateway.proxy.AccessLog;
import dev.carovana.gateway.proxy.CallBook;
import dev.carovana.gateway.proxy.GatewayServer;
import dev.carovana.gateway.proxy.Settings;
import dev.carovana.gateway.route.Room;
import dev.carovana.gateway.route.RouteTable;
import dev.carovana.gateway.user.UserSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Starts the servers, in the gateway role only. */
@Singleton
public final class Gateway {
    private static final Logger LOG = Logger.getLogger(Gateway.class);

    private final CarovanaConfig common;
    private final GatewayConfig config;
    private final Instance<RouteTable> routes;
    private final Instance<Room> room;
    private final MeterRegistry registry;
    private volatile @Nullable GatewayServer server;
    private volatile boolean ending;

    Gateway(
            CarovanaConfig common,
            GatewayConfig config,
            Instance<RouteTable> routes,
            Instance<Room> room,
            MeterRegistry registry) {
        this.common = common;
        this.config = config;
        this.routes = routes;
        this.room = room;
        this.registry = registry;
    }

    void start(@Observes StartupEvent event) {
        if (common.role() != Role.GATEWAY) {
            return;
        }
        if (config.site().orElse("").isEmpty()) {
            throw new IllegalStateException("carovana.gateway.site is not set: name the Site of this cluster");
        }
        Room waiting = room.get();
        Gauge.builder("carovana_gateway_waiting_calls", waiting, Room::waiting)
                .description("Calls that wait for their instance now")
                .register(registry);
        CallBook book = new CallBook(registry, new AccessLog(config.accessLog()));
        GatewayServer started = GatewayServer.start(settings(), users(), routes.get(), book);
        server = started;
        LOG.infof("users call port %d, gateways port %d", started.port(), started.peerPort());
    }

    private Settings settings() {
        return new Settings(
                config.site().orElse(""),
                config.port(),
                config.peer().port(),
                folder(config.tls().directory()),
                folder(common.tls().directory()),
                config.replayBytes().asLongValue(),
                config.timeout(),
                new Settings.Pool(
                        config.pool().size(),
                        config.pool().keepAlive(),
                        config.pool().connectTimeout()),
                Traces.of(System.getenv(), config.site().orElse("")));
    }

    private static @Nullable Path folder(Optional<String> directory) {
        return directory.filter(name -> !name.isEmpty()).map(Path::of).orElse(null);
    }

    private UserSettings users() {
        return new UserSettings(
                config.users().headerCallers(),
                config.jwt().jwks(),
                config.jwt().issuer(),
                config.jwt().audience());
    }

    void stop(@Observes ShutdownEvent event) {
        ending = true;
        GatewayServer started = server;
        if (started != null) {
            started.stop(config.shutdownTimeout());
        }
    }

    boolean isReady() {
        return server != null && !ending && routes.get().isSynced();
    }

    /** Where other gateways reach this one. */
    public int peerPort() {
        GatewayServer started = server;
        return started == null ? -1 : started.peerPort();
    }
}
