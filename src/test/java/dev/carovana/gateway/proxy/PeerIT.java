// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.carovana.link.v1.Peer;
import dev.carovana.link.v1.Peers;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A call arrives at one site and is answered at another. */
@Timeout(60)
class PeerIT {
    @TempDir
    private static Path authority;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Pod podA = new Pod(Pod::echo);
    private final Pod podB = new Pod(Pod::echo, "127.0.0.2", podA.port());
    private GatewayBed a;
    private GatewayBed b;

    @BeforeEach
    void start() {
        a = new GatewayBed("edge-a", authority);
        b = new GatewayBed("edge-b", authority);
        GatewayBed.introduce(a, b);
        a.know(function(podA.port()), instance("edge-b", 1).setHost("127.0.0.2"));
        b.know(function(podA.port()), instance("edge-b", 1).setHost("127.0.0.2"));
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
        podA.close();
        podB.close();
        client.close();
    }

    private HttpRequest.Builder call(String path) {
        return HttpRequest.newBuilder(URI.create(a.url() + "/function/shop/cart" + path))
                .header("X-Carovana-User", "ann");
    }

    private HttpResponse<String> send(HttpRequest.Builder call) throws Exception {
        return client.send(call.build(), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> begin(HttpRequest.Builder call) {
        return client.sendAsync(call.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> end(CompletableFuture<HttpResponse<String>> call) throws Exception {
        return call.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aCallReachesThePodAtTheOtherSite() throws Exception {
        HttpResponse<String> answer = send(call("/items?x=1").POST(BodyPublishers.ofString("two")));

        assertThat(answer.body()).isEqualTo("POST /items?x=1 two");
        assertThat(answer.headers().firstValue("carovana-site")).contains("edge-b");
        assertThat(answer.headers().firstValue("x-host")).contains("127.0.0.1:" + a.server.port());
        assertThat(answer.headers().firstValue("x-forwarded")).contains("127.0.0.1");
        assertThat(podB.seen).hasSize(1);
        assertThat(podA.seen).isEmpty();
    }

    @Test
    void aLongBodyPasses() throws Exception {
        byte[] body = new byte[5 << 20];

        HttpResponse<String> answer = send(call("/").POST(BodyPublishers.ofByteArray(body)));

        assertThat(answer.body()).hasSize("POST / ".length() + body.length);
    }

    @Test
    void aCallThatTheOtherGatewayHoldsComesBackAndWaitsHere() throws Exception {
        b.tell(instance("edge-b", 1).setHost("127.0.0.2").setHold("m-1"));
        CompletableFuture<HttpResponse<String>> answer = begin(call("/").POST(BodyPublishers.ofString("x")));
        await().until(() -> a.room.waiting() == 1);
        a.tell(instance("edge-b", 1).setHost("127.0.0.2").setHold("m-1"));
        await().until(() -> a.hub.drained.contains("shop/cart-ann m-1"));
        assertThat(podB.seen).isEmpty();

        b.tell(instance("edge-a", 2));
        a.tell(instance("edge-a", 2));

        assertThat(end(answer).body()).isEqualTo("POST / x");
        assertThat(podA.seen).hasSize(1);
        assertThat(podB.seen).isEmpty();
    }

    @Test
    void aLongBodyIsHeldToo() throws Exception {
        b.tell(instance("edge-b", 1).setHost("127.0.0.2").setHold("m-1"));
        byte[] body = new byte[1 << 20];
        CompletableFuture<HttpResponse<String>> answer = begin(call("/").POST(BodyPublishers.ofByteArray(body)));
        await().until(() -> a.room.waiting() == 1);

        b.tell(instance("edge-b", 1).setHost("127.0.0.2"));

        assertThat(end(answer).body()).hasSize("POST / ".length() + body.length);
    }

    @Test
    void aStaleRouteReachesNobody() throws Exception {
        b.tell(instance("edge-a", 2));
        CompletableFuture<HttpResponse<String>> answer = begin(call("/").POST(BodyPublishers.ofString("x")));
        await().until(() -> a.room.waiting() == 1);
        assertThat(podA.seen).isEmpty();
        assertThat(podB.seen).isEmpty();

        a.tell(instance("edge-a", 2));

        assertThat(end(answer).headers().firstValue("carovana-epoch")).contains("2");
        assertThat(podA.seen).hasSize(1);
        assertThat(podB.seen).isEmpty();
    }

    @Test
    void aGatewayThatIsBehindWaitsForItsRoute() throws Exception {
        a.tell(instance("edge-b", 2).setHost("127.0.0.2"));
        CompletableFuture<HttpResponse<String>> answer = begin(call("/"));
        await().until(() -> b.room.waiting() == 1);

        b.tell(instance("edge-b", 2).setHost("127.0.0.2"));

        assertThat(end(answer).statusCode()).isEqualTo(200);
    }

    @Test
    void anotherGatewayOfTheSiteIsTriedIfOneIsNotThere() throws Exception {
        Peers.Builder peers = Peers.newBuilder();
        for (String address : new String[] {"127.0.0.1:1", "127.0.0.1:" + b.server.peerPort(), "127.0.0.1:2"}) {
            peers.addPeers(Peer.newBuilder().setSite("edge-b").setName(address).setAddress(address));
        }
        a.routes.peers(peers.build());

        assertThat(send(call("/")).statusCode()).isEqualTo(200);
    }

    /** A NodePort or a load balancer before the gateways of a site that others cannot reach one by one. */
    @Test
    void gatewaysOfASiteMayShareAnAddress() throws Exception {
        GatewayBed b2 = new GatewayBed("edge-b", authority);
        b2.know(function(podA.port()), instance("edge-b", 1).setHost("127.0.0.2"));
        try (Balancer balancer = new Balancer(b2.server.peerPort(), b.server.peerPort())) {
            Peers.Builder peers = Peers.newBuilder();
            for (String name : List.of("one", "two")) {
                peers.addPeers(
                        Peer.newBuilder().setSite("edge-b").setName(name).setAddress("127.0.0.1:" + balancer.port()));
            }
            a.routes.peers(peers.build());
            assertThat(send(call("/")).statusCode()).isEqualTo(200);

            b2.close();

            assertThat(send(call("/")).statusCode()).isEqualTo(200);
            assertThat(podB.seen).hasSize(2);
        }
    }

    @Test
    void whatTheCallerGivesUpIsGivenUpAtThePod() throws Exception {
        CompletableFuture<HttpServerResponse> arrived = new CompletableFuture<>();
        CompletableFuture<Void> gone = new CompletableFuture<>();
        try (Pod silent = new Pod(request -> {
                    request.response().closeHandler(closed -> gone.complete(null));
                    arrived.complete(request.response());
                });
                HttpClient impatient = HttpClient.newHttpClient()) {
            a.know(function(silent.port()), instance("edge-b", 1));
            b.know(function(silent.port()), instance("edge-b", 1));
            CompletableFuture<?> call = impatient.sendAsync(call("/").build(), BodyHandlers.ofString());
            arrived.get(5, TimeUnit.SECONDS);
            call.cancel(true);
            gone.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void onlyGatewaysMayCallTheOtherPort() {
        Vertx vertx = Vertx.vertx();
        try {
            Path agent = GatewayBed.certify(authority, "edge-c");
            assertThatThrownBy(() -> vertx.createHttpClient(new HttpClientOptions()
                            .setSsl(true)
                            .setKeyCertOptions(Tls.own(agent))
                            .setTrustOptions(Tls.authority(agent)))
                    .request(new RequestOptions()
                            .setMethod(HttpMethod.GET)
                            .setServer(SocketAddress.inetSocketAddress(b.server.peerPort(), "127.0.0.1"))
                            .setHost("gateway.edge-b")
                            .setURI("/"))
                    .compose(request -> request.send())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS));
        } finally {
            vertx.close();
        }
        assertThat(podB.seen).isEmpty();
    }
}
