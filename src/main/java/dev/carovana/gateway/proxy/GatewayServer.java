// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.RouteTable;
import dev.carovana.gateway.user.Callers;
import dev.carovana.gateway.user.Networks;
import dev.carovana.gateway.user.UserSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** A gateway's servers: a door for each processor, in an event loop of its own. */
public final class GatewayServer {
    private static final Logger LOG = Logger.getLogger(GatewayServer.class);
    /** Kubelet's startup probe says what is too long: on slow nodes it takes minutes, and to begin anew takes longer still. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final List<Door> doors;
    private final CallBook book;

    private GatewayServer(Vertx vertx, List<Door> doors, CallBook book) {
        this.vertx = vertx;
        this.doors = doors;
        this.book = book;
    }

    /** Returns when calls are taken. */
    public static GatewayServer start(Settings settings, UserSettings users, RouteTable routes, CallBook book) {
        int loops = Runtime.getRuntime().availableProcessors();
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setTracingOptions(settings.traces())
                .setEventLoopPoolSize(loops)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        Callers callers = users.callers(vertx);
        Networks trusted = users.networks();
        List<Door> doors = new ArrayList<>();
        try {
            for (int i = 0; i < loops; i++) {
                Door door = new Door(settings, routes, callers, trusted, book);
                await(vertx.deployVerticle(door).mapEmpty(), START_TIMEOUT);
                doors.add(door);
            }
        } catch (RuntimeException e) {
            vertx.close();
            throw e;
        }
        return new GatewayServer(vertx, doors, book);
    }

    public int port() {
        return doors.getFirst().port();
    }

    /** -1 without certificates. */
    public int peerPort() {
        return doors.getFirst().peerPort();
    }

    /** Lets calls end, but no longer than this, and stops. */
    public void stop(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        doors.forEach(door -> door.drain(patience));
        if (!book.awaitQuiet(deadline - System.nanoTime())) {
            LOG.warnf("%d calls are cut off", book.underWay());
        }
        await(vertx.close(), CLOSE_TIMEOUT);
    }

    private static void await(Future<Void> future, Duration limit) {
        try {
            future.toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("not done after " + limit, e);
        }
    }
}
