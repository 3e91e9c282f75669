// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of RFC 9110 and 9112 that are seldom needed. */
@Timeout(60)
class HttpRulesIT {
    private final GatewayBed gateway = new GatewayBed("edge-a", null);
    private String answer = RawPod.OK;
    private final RawPod pod = new RawPod(request -> answer);

    HttpRulesIT() throws IOException {
        gateway.know(function(pod.port()).addHosts("cart.example.org"), instance("edge-a", 1));
    }

    @AfterEach
    void stop() throws IOException {
        gateway.close();
        pod.close();
    }

    private static String get(String headers) {
        return "GET /function/shop/cart/ HTTP/1.1\r\nHost: x\r\nX-Carovana-User: ann\r\n" + headers + "\r\n";
    }

    private static String post(String version, String headers) {
        return "POST /function/shop/cart/ HTTP/" + version
                + "\r\nHost: x\r\nX-Carovana-User: ann\r\nContent-Length: 5\r\n" + headers + "\r\n";
    }

    /** The whole answer to a call, up to and with this text. */
    private String call(String request, String until) throws IOException {
        try (RawCaller caller = new RawCaller(gateway.server.port())) {
            return caller.send(request).until(until);
        }
    }

    @Test
    void theWayOfACallIsToldWhole() throws IOException {
        call(get("X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.3\r\n"), "ok");

        assertThat(pod.seen.getFirst().values("x-forwarded-for"))
                .containsExactly("198.51.100.7, 203.0.113.9, 192.0.2.3, 127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "http://edge.example.org/function/shop/cart/some/path?x=1, edge.example.org, /some/path?x=1",
        "HTTP://Edge.example.org:8000/function/shop/cart, Edge.example.org:8000, /",
        "https://cart.example.org, cart.example.org, /",
        "http://cart.example.org?x=//1, cart.example.org, /?x=//1"
    })
    void aWholeUriNamesTheHost(String target, String host, String path) throws IOException {
        String got = call("GET " + target + " HTTP/1.1\r\nHost: other\r\nX-Carovana-User: ann\r\n\r\n", "ok");

        assertThat(got).startsWith("HTTP/1.1 200");
        assertThat(pod.seen).hasToString("[GET " + path + " HTTP/1.1]");
        assertThat(pod.seen.getFirst().values("host")).containsExactly(host);
        assertThat(pod.seen.getFirst().values("x-forwarded-host")).containsExactly(host);
    }

    @Test
    void aUserIsTheSameInEveryAlphabet() throws IOException {
        String jose = new String("José".getBytes(UTF_8), ISO_8859_1);
        gateway.tell(instance("edge-a", 1).setInstance("cart-jose").setUser("José"));

        assertThat(call(get("").replace("ann", jose), "ok")).startsWith("HTTP/1.1 200");
        assertThat(pod.seen.getFirst().values("x-carovana-user")).containsExactly(jose);
        assertThat(gateway.hub.wants).isEmpty();
    }

    @Test
    void headersOfEveryConnectionLineStay() throws IOException {
        call(get("Connection: keep-alive\r\nConnection: X-Hop\r\nX-Hop: secret\r\nX-Other: 1\r\n"), "ok");

        assertThat(pod.seen.getFirst().values("x-hop")).isEmpty();
        assertThat(pod.seen.getFirst().values("x-other")).containsExactly("1");
    }

    @Test
    void trailersThatAreNotPassedOnAreNotAnnounced() throws IOException {
        String head = "POST /function/shop/cart/ HTTP/1.1\r\nHost: x\r\nX-Carovana-User: ann\r\n";

        call(head + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 99\r\n\r\n", "ok");

        assertThat(pod.seen).hasToString("[POST / HTTP/1.1 hello]");
        assertThat(pod.seen.getFirst().values("trailer")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1.1"})
    void anAnswerWithoutLengthHasAnEnd(String version) throws IOException {
        answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello";
        String request = post(version, "Connection: keep-alive\r\n") + "howdy";

        String got = call(request, version.equals("1.0") ? "" : "0\r\n\r\n");

        assertThat(got).startsWith("HTTP/" + version + " 200").contains("hello");
        if (version.equals("1.0")) {
            assertThat(got.toLowerCase()).contains("connection: close").doesNotContain("keep-alive");
        }
    }

    @Test
    void aConnectionOfAnOldClientStaysOpenWhereTheLengthIsKnown() throws IOException {
        String request = post("1.0", "Connection: keep-alive\r\n") + "howdy";

        assertThat(call(request + request, "ok")).contains("connection: keep-alive");
        try (RawCaller caller = new RawCaller(gateway.server.port())) {
            caller.send(request).until("ok");
            assertThat(caller.send(request).until("ok")).startsWith("HTTP/1.0 200");
        }
    }

    @Test
    void whoAsksFirstIsAnsweredBeforeTheBody() throws IOException {
        try (RawCaller caller = new RawCaller(gateway.server.port())) {
            assertThat(caller.send(post("1.1", "Expect: 100-Continue\r\n")).until("\r\n\r\n"))
                    .startsWith("HTTP/1.1 100");
            assertThat(caller.send("hello").until("ok")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void oldClientsGetNoInterimAnswer() throws IOException {
        assertThat(call(post("1.0", "Expect: 100-continue\r\n") + "hello", "ok"))
                .startsWith("HTTP/1.0 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Expect: x-other\r\n", "Expect: 100-continue\r\nExpect: x-other\r\n"})
    void otherExpectationsAreNotMet(String expect) throws IOException {
        assertThat(call(post("1.1", expect) + "hello", "}"))
                .startsWith("HTTP/1.1 417")
                .contains("\"cause\":\"Expectation\"")
                .contains("x-other");
        assertThat(pod.seen).isEmpty();
    }

    @Test
    void aHeadOfAnAnswerThatIsTooLongIsCalledSo() throws IOException {
        answer = "HTTP/1.1 200 OK\r\nSet-Cookie: a=" + "b".repeat(40_000) + "\r\nContent-Length: 2\r\n\r\nok";

        assertThat(call(get(""), "}"))
                .startsWith("HTTP/1.1 502")
                .contains("\"cause\":\"AnswerHeadTooLong\"")
                .contains("32768");
        assertThat(pod.seen).hasSize(1);
    }
}
