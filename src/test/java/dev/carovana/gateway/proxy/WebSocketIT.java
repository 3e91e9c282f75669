// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that outlast a call. */
@Timeout(60)
class WebSocketIT {
    @TempDir
    private static Path authority;

    private final GatewayBed a = new GatewayBed("edge-a", authority);
    private final GatewayBed b = new GatewayBed("edge-b", authority);
    private final Pod pod = new Pod(WebSocketIT::answer);
    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Buffer> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Short> closed = new CompletableFuture<>();
    private static final List<Short> CLOSED_AT_POD = new java.util.concurrent.CopyOnWriteArrayList<>();

    private static void answer(HttpServerRequest request) {
        if (request.path().equals("/no")) {
            request.response().setStatusCode(403).end("not here");
            return;
        }
        request.toWebSocket().onSuccess(socket -> {
            socket.handler(socket::writeBinaryMessage);
            socket.closeHandler(closed -> CLOSED_AT_POD.add(socket.closeStatusCode()));
        });
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        a.close();
        b.close();
        pod.close();
    }

    private void instanceAt(String site, String hold) {
        a.tell(instance(site, 1).setHold(hold));
        b.tell(instance(site, 1).setHold(hold));
    }

    private WebSocket connect(String path) throws Exception {
        WebSocket socket = vertx.createWebSocketClient()
                .connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(a.server.port())
                        .setURI("/function/shop/cart" + path)
                        .addHeader("X-Carovana-User", "ann"))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        socket.handler(messages::add);
        socket.closeHandler(end -> closed.complete(socket.closeStatusCode()));
        return socket;
    }

    private void begin(String site) {
        GatewayBed.introduce(a, b);
        a.know(function(pod.port()), instance(site, 1));
        b.know(function(pod.port()), instance(site, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"edge-a", "edge-b"})
    void messagesPassUntilTheInstanceMoves(String site) throws Exception {
        begin(site);
        CLOSED_AT_POD.clear();
        WebSocket socket = connect("/ws");
        byte[] large = new byte[200_000];
        for (byte[] message : List.of("one".getBytes(UTF_8), large, new byte[0], "two".getBytes(UTF_8))) {
            socket.writeBinaryMessage(Buffer.buffer(message));
        }
        int bytes = 0;
        while (bytes < large.length + 6) {
            bytes += messages.poll(5, TimeUnit.SECONDS).length();
        }
        assertThat(a.book.underWay()).isOne();

        instanceAt(site, "m-1");

        assertThat(closed.get(5, TimeUnit.SECONDS)).isEqualTo((short) 1012);
        await().until(() -> CLOSED_AT_POD.contains((short) 1012));
        await().until(() -> !a.hub.drained.isEmpty() && !b.hub.drained.isEmpty());
        assertThat(a.book.underWay()).isZero();
    }

    @Test
    void aNewConnectionWaitsForTheEndOfTheMove() throws Exception {
        begin("edge-a");
        instanceAt("edge-a", "m-1");
        CompletableFuture<WebSocket> connected = CompletableFuture.supplyAsync(() -> {
            try {
                return connect("/ws");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> a.room.waiting() == 1);

        instanceAt("edge-a", "");

        connected.get(5, TimeUnit.SECONDS).writeTextMessage("here");
        assertThat(messages.poll(5, TimeUnit.SECONDS)).hasToString("here");
    }

    @Test
    void whatTheFunctionRefusesIsRefused() {
        begin("edge-a");

        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(ExecutionException.class, () -> connect("/no"))
                        .getCause())
                .isInstanceOfSatisfying(UpgradeRejectedException.class, why -> assertThat(why.getStatus())
                        .isEqualTo(403));
        await().until(() -> a.book.underWay() == 0);
    }

    @Test
    void whenTheCallerGoesTheFunctionHearsOfIt() throws Exception {
        begin("edge-a");
        CLOSED_AT_POD.clear();

        connect("/ws").close((short) 4000, "enough");

        await().until(() -> CLOSED_AT_POD.contains((short) 4000));
        await().until(() -> a.book.underWay() == 0);
    }
}
