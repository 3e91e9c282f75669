// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that are under way when the instance is to move. */
@Timeout(60)
class LongAnswerIT {
    private final GatewayBed gateway = new GatewayBed("edge-a", null);
    private final HttpClient client = HttpClient.newHttpClient();
    private final CompletableFuture<HttpServerResponse> open = new CompletableFuture<>();
    private final Pod pod = new Pod(request -> {
        HttpServerResponse response = request.response().setChunked(true);
        response.putHeader("Content-Type", "application/x-ndjson").write("{}\n");
        open.complete(response);
    });

    @BeforeEach
    void start() {
        gateway.know(function(pod.port()), instance("edge-a", 1));
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
        pod.close();
    }

    private InputStream begin(Version version) throws IOException, InterruptedException {
        HttpRequest call = HttpRequest.newBuilder(URI.create(gateway.url() + "/function/shop/cart/"))
                .version(version)
                .header("X-Carovana-User", "ann")
                .build();
        InputStream answer = client.send(call, BodyHandlers.ofInputStream()).body();
        assertThat(answer.readNBytes(3)).isEqualTo("{}\n".getBytes(UTF_8));
        return answer;
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void oneThatLastsIsBrokenOffSoThatNobodyTakesItForTheWhole(Version version) throws Exception {
        try (InputStream answer = begin(version)) {
            gateway.tell(instance("edge-a", 1).setHold("m-1"));

            assertThatThrownBy(answer::read).isInstanceOf(IOException.class);
            await().until(() -> !gateway.hub.drained.isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void oneThatEndsSoonIsLeftWhole(Version version) throws Exception {
        try (InputStream answer = begin(version)) {
            gateway.tell(instance("edge-a", 1).setHold("m-1"));
            open.get(5, TimeUnit.SECONDS).end("{}\n");

            assertThat(answer.readAllBytes()).isEqualTo("{}\n".getBytes(UTF_8));
        }
    }
}
