// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One gateway in front of a pod. */
@Timeout(60)
class ProxyIT {
    private final GatewayBed gateway = new GatewayBed("edge-a", null);
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void start() {
        opened.add(gateway);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        client.close();
    }

    private Pod pod(Consumer<HttpServerRequest> answers) {
        Pod pod = new Pod(answers);
        opened.add(pod);
        return pod;
    }

    private HttpRequest.Builder call(String path) {
        return HttpRequest.newBuilder(URI.create(gateway.url() + path))
                .version(Version.HTTP_1_1)
                .header("X-Carovana-User", "ann");
    }

    private HttpResponse<String> send(HttpRequest.Builder call) throws IOException, InterruptedException {
        return client.send(call.build(), BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aCallReachesTheUsersPod(Version version) throws Exception {
        Pod pod = pod(Pod::echo);
        gateway.know(function(pod.port()), instance("edge-a", 7));

        HttpResponse<String> answer = send(call("/function/shop/cart/items/a%2Fb?x=%20y")
                .version(version)
                .header("Carovana-Secret", "1")
                .POST(BodyPublishers.ofString("two")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("POST /items/a%2Fb?x=%20y two");
        assertThat(answer.version()).isEqualTo(version);
        assertThat(answer.headers().map())
                .containsEntry("carovana-site", List.of("edge-a"))
                .containsEntry("carovana-epoch", List.of("7"))
                .containsEntry("x-epoch", List.of("7"))
                .containsEntry("x-forwarded", List.of("127.0.0.1"))
                .containsEntry("x-secret", List.of("null"))
                .containsEntry("x-host", List.of("127.0.0.1:" + gateway.server.port()))
                .doesNotContainKey("server-timing");
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void callsWithoutBodyStayWithoutOne(Version version) throws Exception {
        Pod pod = pod(request -> request.response()
                .end(request.getHeader("content-length") + " " + request.getHeader("transfer-encoding")));
        gateway.know(function(pod.port()), instance("edge-a", 1));

        assertThat(send(call("/function/shop/cart").version(version)).body()).isEqualTo("null null");
        assertThat(pod.seen).containsExactly("GET /");
    }

    @Test
    void headHasTheLengthAndNoBody() throws Exception {
        Pod pod = pod(
                request -> request.response().putHeader("Content-Length", "5").end());
        gateway.know(function(pod.port()), instance("edge-a", 1));

        HttpResponse<String> answer = send(call("/function/shop/cart/").method("HEAD", BodyPublishers.noBody()));

        assertThat(answer.headers().firstValue("content-length")).contains("5");
        assertThat(send(call("/function/shop/cart/").method("HEAD", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void answersWithoutContentPass() throws Exception {
        Pod pod = pod(request -> request.response()
                .setStatusCode(Integer.parseInt(request.path().substring(1)))
                .end());
        gateway.know(function(pod.port()), instance("edge-a", 1));

        for (int status : new int[] {204, 304, 204, 200}) {
            assertThat(send(call("/function/shop/cart/" + status)).statusCode()).isEqualTo(status);
        }
    }

    @Test
    void anUnknownFunctionIsAProblem() throws Exception {
        gateway.know(function(1));

        HttpResponse<String> answer = send(call("/function/shop/other/"));

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"cause\":\"NotFound\"");
    }

    @Test
    void beforeTheRoutesAreKnownCallersComeAgain() throws Exception {
        HttpResponse<String> answer = send(call("/function/shop/cart/"));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).contains("1");
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void longBodiesPassBothWays(Version version) throws Exception {
        byte[] body = new byte[20 << 20];
        new Random(1).nextBytes(body);
        Pod pod = pod(request -> request.body()
                .onSuccess(sent -> request.response().end(sent.equals(Buffer.buffer(body)) ? sent : Buffer.buffer())));
        gateway.know(function(pod.port()), instance("edge-a", 1));
        for (BodyPublisher publisher : List.of(
                BodyPublishers.ofByteArray(body), BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))) {
            HttpResponse<byte[]> answer = client.send(
                    call("/function/shop/cart/")
                            .version(version)
                            .POST(publisher)
                            .build(),
                    BodyHandlers.ofByteArray());

            assertThat(answer.body()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void eventsArriveWhenTheyAreSent(Version version) throws Exception {
        CompletableFuture<HttpServerResponse> open = new CompletableFuture<>();
        Pod pod = pod(request -> {
            request.response().setChunked(true).putHeader("Content-Type", "text/event-stream");
            request.response().writeHead();
            open.complete(request.response());
        });
        gateway.know(function(pod.port()), instance("edge-a", 1));

        HttpResponse<InputStream> answer =
                client.send(call("/function/shop/cart/").version(version).build(), BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        open.get(5, TimeUnit.SECONDS).write("data: 1\n\n");

        assertThat(new String(answer.body().readNBytes(9), UTF_8)).isEqualTo("data: 1\n\n");
        gateway.tell(instance("edge-a", 1).setHold("m-1"));
        assertThat(answer.body().read()).isEqualTo(-1);
        await().until(() -> !gateway.hub.drained.isEmpty());
    }

    @Test
    void heldCallsGoOnInOrder() throws Exception {
        Pod pod = pod(Pod::echo);
        gateway.know(function(pod.port()), instance("edge-a", 1).setHold("m-1"));
        assertThat(gateway.hub.drained).containsExactly("shop/cart-ann m-1");
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int waiting = i + 1;
            answers.add(client.sendAsync(
                    call("/function/shop/cart/" + i).version(Version.HTTP_2).build(), BodyHandlers.ofString()));
            await().until(() -> gateway.room.waiting() == waiting);
        }

        gateway.tell(instance("edge-a", 2));

        for (int i = 0; i < 20; i++) {
            HttpResponse<String> answer = answers.get(i).get(5, TimeUnit.SECONDS);
            assertThat(answer.body()).startsWith("GET /" + i);
            assertThat(answer.headers().firstValue("server-timing").orElse("")).startsWith("hold;dur=");
            assertThat(answer.headers().firstValue("carovana-epoch")).contains("2");
        }
    }

    @Test
    void aCallThatBreaksIsRepeatedIfThatCannotDoHarm() throws Exception {
        Pod pod = pod(request -> request.connection().close());
        gateway.know(function(pod.port()), instance("edge-a", 1));

        HttpResponse<String> get = send(call("/function/shop/cart/get"));
        HttpResponse<String> post = send(call("/function/shop/cart/post").POST(BodyPublishers.ofString("x")));

        assertThat(get.statusCode()).isEqualTo(502);
        assertThat(post.statusCode()).isEqualTo(502);
        assertThat(post.body()).contains("Broken");
        assertThat(pod.seen).containsExactly("GET /get", "GET /get", "GET /get", "POST /post");
    }

    @Test
    void aPodThatIsNotThereYetIsTriedAgain() throws Exception {
        int port;
        try (Pod pod = new Pod(Pod::echo)) {
            port = pod.port();
        }
        gateway.know(function(port), instance("edge-a", 1));

        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                call("/function/shop/cart/").POST(BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());
        await().until(() -> gateway.room.waiting() > 0);
        opened.add(new Pod(Pod::echo, port));

        assertThat(answer.get(10, TimeUnit.SECONDS).body()).isEqualTo("POST / x");
    }

    @Test
    void whatTheCallerGivesUpIsGivenUpAtThePod() throws Exception {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        Pod pod = pod(request -> {
            request.response().closeHandler(closed -> gone.complete(null));
            arrived.complete(null);
        });
        gateway.know(function(pod.port()), instance("edge-a", 1));

        try (HttpClient impatient = HttpClient.newHttpClient()) {
            CompletableFuture<?> call =
                    impatient.sendAsync(call("/function/shop/cart/").build(), BodyHandlers.ofString());
            arrived.get(5, TimeUnit.SECONDS);
            call.cancel(true);
            gone.get(5, TimeUnit.SECONDS);
        }
        await().until(() -> gateway.book.underWay() == 0);
    }

    @Test
    void aFunctionThatDoesNotAnswerIsNotWaitedForForever() throws Exception {
        Pod pod = pod(request -> {});
        gateway.know(function(pod.port()).setTimeoutMillis(200), instance("edge-a", 1));

        assertThat(send(call("/function/shop/cart/")).statusCode()).isEqualTo(504);
    }

    @Test
    void aFirstCallStartsTheInstance() throws Exception {
        Pod pod = pod(Pod::echo);
        gateway.know(function(pod.port()));
        gateway.hub.onWant = () -> gateway.tell(instance("edge-a", 1));

        assertThat(send(call("/function/shop/cart/")).statusCode()).isEqualTo(200);
        assertThat(gateway.hub.wants).containsExactly("shop/cart ann");
    }

    @Test
    void whenTheGatewayStopsCallsThatAreUnderWayEnd() throws Exception {
        CompletableFuture<HttpServerResponse> open = new CompletableFuture<>();
        Pod pod = pod(request -> open.complete(request.response()));
        gateway.know(function(pod.port()), instance("edge-a", 1));
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(call("/function/shop/cart/").build(), BodyHandlers.ofString());
        open.get(5, TimeUnit.SECONDS);

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> gateway.server.stop(Duration.ofSeconds(20)));
        open.get().end("late");

        assertThat(answer.get(5, TimeUnit.SECONDS).body()).isEqualTo("late");
        stopped.get(10, TimeUnit.SECONDS);
    }
}
