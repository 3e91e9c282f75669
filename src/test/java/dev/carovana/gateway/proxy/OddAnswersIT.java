// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What functions answer that should not, or seldom do: the caller gets it right or is told, and the next call gets its own answer. */
@Timeout(60)
class OddAnswersIT {
    private static final String P = "/function/shop/cart/";
    private static final String HEADERS = " HTTP/1.1\r\nHost: x\r\nX-Carovana-User: ann\r\n";
    private static final String NEXT = "GET " + P + "next" + HEADERS + "Connection: close\r\n\r\n";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String POISON = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";

    private static GatewayBed gateway;
    private static RawPod pod;
    private static volatile String answer = RawPod.OK;

    @BeforeAll
    static void start() throws IOException {
        gateway = new GatewayBed("edge-a", null);
        pod = new RawPod(request -> request.line().contains("/next") ? RawPod.OK : answer);
        gateway.know(function(pod.port()), instance("edge-a", 1));
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        pod.close();
    }

    static Stream<Arguments> odd() {
        return Stream.of(
                arguments(
                        "GET",
                        "two lengths",
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 2\r\n\r\nhello",
                        "502"),
                arguments("GET", "length that is none", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello", "502"),
                arguments(
                        "GET",
                        "length and chunks",
                        CHUNKED.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
                        "502"),
                arguments(
                        "GET",
                        "space before the colon",
                        "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
                        "200 hello"),
                arguments(
                        "GET",
                        "line feed in a header",
                        "HTTP/1.1 200 OK\r\nX-A: b\nX-B: c\r\nContent-Length: 5\r\n\r\nhello",
                        "502"),
                arguments("GET", "no status", "HTTP/1.1 OK\r\nContent-Length: 5\r\n\r\nhello", "502"),
                arguments("GET", "status with two digits", "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello", "502"),
                arguments("GET", "no HTTP", "220 mail.example.org ESMTP\r\n", "502"),
                arguments(
                        "GET",
                        "other protocol unasked",
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
                        "502"),
                arguments("GET", "chunk size that is none", CHUNKED + "x\r\nhello\r\n0\r\n\r\n", "200 broken"),
                arguments(
                        "GET",
                        "end before the length",
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhello",
                        "200 broken"),
                arguments(
                        "GET",
                        "end before the last chunk",
                        CHUNKED.replace("OK", "OK\r\nConnection: close") + "5\r\nhello\r\n",
                        "200 broken"),
                arguments("GET", "early hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + RawPod.OK, "200 ok"),
                arguments("GET", "100 unasked", "HTTP/1.1 100 Continue\r\n\r\n" + RawPod.OK, "200 ok"),
                arguments("GET", "no reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "200 ok"),
                arguments("GET", "status of one's own", "HTTP/1.1 799 Mine\r\nContent-Length: 2\r\n\r\nok", "799 ok"),
                arguments("GET", "another answer behind", RawPod.OK + POISON, "200 ok"),
                arguments("GET", "another answer behind chunks", CHUNKED + "2\r\nok\r\n0\r\n\r\n" + POISON, "200 ok"),
                arguments("GET", "no content", "HTTP/1.1 204 No Content\r\n\r\n", "204 "),
                arguments(
                        "GET",
                        "content of no content",
                        "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison",
                        "204 "),
                arguments(
                        "GET",
                        "content of not modified",
                        "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\npoison",
                        "304 "),
                arguments("HEAD", "length", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "200 "),
                arguments("HEAD", "chunks", CHUNKED, "200 "),
                arguments("HEAD", "content of HEAD", POISON, "200 "));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("odd")
    void theCallerIsNotTakenIn(String method, String what, String odd, String expected) throws IOException {
        answer = odd;

        try (RawCaller caller = new RawCaller(gateway.server.port())) {
            String got = caller.send(method + " " + P + HEADERS + "\r\n" + NEXT).all();

            assertThat(got).startsWith("HTTP/1.1 " + expected.substring(0, 3)).doesNotContain("poison");
            if (expected.endsWith("broken")) {
                assertThat(got).doesNotEndWith("0\r\n\r\n").doesNotContain("\r\nok");
            } else {
                assertThat(got)
                        .endsWith("\r\n\r\nok")
                        .contains(expected.substring(3).strip());
            }
        }
        try (RawCaller caller = new RawCaller(gateway.server.port())) {
            assertThat(caller.send(NEXT).all()).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nok");
        }
    }
}
