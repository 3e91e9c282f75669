// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A function's server on this machine. */
final class Pod implements AutoCloseable {
    final List<String> seen = new CopyOnWriteArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    Pod(Consumer<HttpServerRequest> answers) {
        this(answers, 0);
    }

    Pod(Consumer<HttpServerRequest> answers, int port) {
        this(answers, "127.0.0.1", port);
    }

    Pod(Consumer<HttpServerRequest> answers, String address, int port) {
        server = vertx.createHttpServer().requestHandler(request -> {
            seen.add(request.method() + " " + request.uri());
            answers.accept(request);
        });
        server.listen(port, address).toCompletionStage().toCompletableFuture().join();
    }

    /** Answers with what it was asked. */
    static void echo(HttpServerRequest request) {
        request.bodyHandler(body -> request.response()
                .putHeader("X-Host", String.valueOf(request.getHeader("host")))
                .putHeader("X-Epoch", String.valueOf(request.getHeader("carovana-epoch")))
                .putHeader("X-Forwarded", String.valueOf(request.getHeader("x-forwarded-for")))
                .putHeader("X-Secret", String.valueOf(request.getHeader("carovana-secret")))
                .end(request.method() + " " + request.uri() + " " + body));
    }

    int port() {
        return server.actualPort();
    }

    Vertx vertx() {
        return vertx;
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
