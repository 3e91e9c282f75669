// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that take their time. */
@Timeout(60)
class UploadIT {
    private static final int PIECES = 5;

    private static CompletableFuture<HttpClientRequest> post(Vertx vertx, GatewayBed gateway, HttpVersion version) {
        return vertx.createHttpClient(
                        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false))
                .request(HttpMethod.POST, gateway.server.port(), "127.0.0.1", "/function/shop/cart/")
                .map(call -> call.putHeader("X-Carovana-User", "ann"))
                .toCompletionStage()
                .toCompletableFuture();
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void anUploadMayTakeLongerThanTheFunctionForItsAnswer(HttpVersion version) throws Exception {
        try (GatewayBed gateway = new GatewayBed("edge-a", null);
                Pod pod = new Pod(Pod::echo)) {
            gateway.know(function(pod.port()).setTimeoutMillis(2_000), instance("edge-a", 1));
            Vertx vertx = pod.vertx();
            HttpClientRequest call = post(vertx, gateway, version).get(10, TimeUnit.SECONDS);
            call.setChunked(true);
            int[] sent = {0};

            vertx.setPeriodic(1, 700, timer -> {
                call.write("x");
                if (++sent[0] == PIECES) {
                    vertx.cancelTimer(timer);
                    call.end();
                }
            });

            HttpClientResponse answer =
                    call.response().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void aBodyThatStandsStillEnds(HttpVersion version) throws Exception {
        try (GatewayBed gateway = new GatewayBed("edge-a", null);
                Pod pod = new Pod(Pod::echo)) {
            gateway.know(function(pod.port()).setTimeoutMillis(200), instance("edge-a", 1));
            HttpClientRequest call = post(pod.vertx(), gateway, version).get(10, TimeUnit.SECONDS);
            CompletableFuture<Void> reset = new CompletableFuture<>();
            call.exceptionHandler(failure -> reset.complete(null));

            call.setChunked(true).write("x");

            HttpClientResponse answer =
                    call.response().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(408);
            reset.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aFunctionThatDoesNotReadIsNotTheCallersFault() throws Exception {
        try (GatewayBed gateway = new GatewayBed("edge-a", null);
                Pod pod = new Pod(request -> request.pause())) {
            gateway.know(function(pod.port()).setTimeoutMillis(500), instance("edge-a", 1));
            HttpClientRequest call =
                    post(pod.vertx(), gateway, HttpVersion.HTTP_1_1).get(10, TimeUnit.SECONDS);

            call.setChunked(true).write(Buffer.buffer(new byte[64 << 20])); // more than all buffers on its way hold

            HttpClientResponse answer =
                    call.response().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(504);
        }
    }
}
