// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.RouteTable;
import dev.carovana.gateway.user.Callers;
import dev.carovana.gateway.user.Networks;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The servers and clients of one event loop; all doors share their ports. */
public final class Door extends AbstractVerticle {
    private static final Logger LOG = Logger.getLogger(Door.class);

    private final Settings settings;
    private final RouteTable routes;
    private final Callers callers;
    private final Networks trusted;
    private final CallBook book;
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean draining = new AtomicBoolean();
    private @Nullable HttpServer users;
    private @Nullable HttpServer gateways;

    public Door(Settings settings, RouteTable routes, Callers callers, Networks trusted, CallBook book) {
        this.settings = settings;
        this.routes = routes;
        this.callers = callers;
        this.trusted = trusted;
        this.book = book;
    }

    @Override
    public void start(Promise<Void> started) {
        Upstream upstream = new Upstream(settings.site(), routes, new Connectors(settings).clients(vertx));
        Surface surface = new Surface(
                vertx,
                routes,
                upstream,
                book,
                settings.replayBytes(),
                settings.timeout(),
                settings.traces() != null,
                draining);
        HttpServer forUsers = vertx.createHttpServer(Connectors.forUsers(settings))
                .requestHandler(new PublicCalls(surface, callers, trusted))
                .connectionHandler(this::remember);
        users = forUsers;
        Future<HttpServer> listening = forUsers.listen();
        Path identity = settings.identity();
        if (identity != null) {
            HttpServerOptions options = Connectors.forGateways(settings.peerPort(), identity);
            HttpServer forGateways = vertx.createHttpServer(options)
                    .requestHandler(new PeerCalls(surface))
                    .connectionHandler(this::admit);
            gateways = forGateways;
            listening = listening.compose(done -> forGateways.listen()).compose(server -> upstream.greet(
                            server.actualPort())
                    .otherwise(Door::complain)
                    .map(server));
        }
        listening.<Void>mapEmpty().onComplete(started);
    }

    private static @Nullable Void complain(Throwable why) {
        LOG.errorf("other gateways cannot call this one: %s", why);
        return null;
    }

    private void admit(HttpConnection connection) {
        if (Tls.isGateway(connection)) {
            remember(connection);
        } else {
            connection.close();
        }
    }

    private void remember(HttpConnection connection) {
        connections.add(connection);
        connection.closeHandler(closed -> connections.remove(connection));
    }

    /** Asks callers to come by another connection next time. Those that are under way go on, but no longer than this. */
    void drain(Duration patience) {
        draining.set(true);
        for (HttpConnection connection : connections) {
            try {
                connection.shutdown(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (UnsupportedOperationException e) {
                LOG.tracef("%s ends with its next answer: it speaks HTTP/1.1", connection.remoteAddress());
            }
        }
    }

    /** Where users are served; the system has chosen it if the setting is 0. */
    public int port() {
        return users == null ? -1 : users.actualPort();
    }

    public int peerPort() {
        return gateways == null ? -1 : gateways.actualPort();
    }
}
