// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests whose end is seen elsewhere by careless readers, each with another one behind it: the gateway refuses them and
 * closes the connection, or the function sees exactly what was meant.
 */
@Timeout(60)
class SmugglingIT {
    private static final String P = "/function/shop/cart/";
    private static final String POST = "POST " + P + " HTTP/1.1\r\nHost: x\r\nX-Carovana-User: ann\r\n";
    private static final String GET = "GET " + P + " HTTP/1.1\r\nHost: x\r\nX-Carovana-User: ann\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";
    /** Asks for the end of the connection, so that a test sees at once that nothing more comes. */
    private static final String NEXT =
            "GET " + P + "next HTTP/1.1\r\nHost: x\r\nX-Carovana-User: ann\r\nConnection: close\r\n\r\n";

    private static GatewayBed gateway;
    private static RawPod pod;

    @BeforeAll
    static void start() throws IOException {
        gateway = new GatewayBed("edge-a", null);
        pod = new RawPod(request -> RawPod.OK);
        gateway.know(function(pod.port()), instance("edge-a", 1));
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        pod.close();
    }

    @BeforeEach
    void forget() {
        pod.seen.clear();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments("two lengths", POST + "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello"),
                arguments("two lengths in one line", POST + "Content-Length: 5, 6\r\n\r\nhello"),
                arguments("length with a sign", POST + "Content-Length: +5\r\n\r\nhello"),
                arguments("negative length", POST + "Content-Length: -5\r\n\r\nhello"),
                arguments("length in hexadecimals", POST + "Content-Length: 0x5\r\n\r\nhello"),
                arguments("length with a space in it", POST + "Content-Length: 5 0\r\n\r\nhello"),
                arguments("empty length", POST + "Content-Length:\r\n\r\nhello"),
                arguments("length beyond all numbers", POST + "Content-Length: 18446744073709551621\r\n\r\nhello"),
                arguments("length in other digits", POST + "Content-Length: \u00b2\r\n\r\nhello"),
                arguments(
                        "length and chunks", POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                arguments(
                        "chunks and length", POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                arguments("coding that is not known", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                arguments("chunked is not the last", POST + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
                arguments("identity", POST + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
                arguments("chunked twice", POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
                arguments(
                        "chunked in two lines",
                        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n"),
                arguments("quoted chunked", POST + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
                arguments("chunked with a parameter", POST + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n"),
                arguments("vertical tab before chunked", POST + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n"),
                arguments("empty coding", POST + "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello"),
                arguments("chunks in HTTP/1.0", CHUNKED.replace("1.1", "1.0") + "0\r\n\r\n"),
                arguments("space before the colon", POST + "Content-Length : 5\r\n\r\nhello"),
                arguments("tab before the colon", POST + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
                arguments(
                        "space before the first header",
                        "GET " + P + " HTTP/1.1\r\n Host: x\r\nX-Carovana-User: ann\r\n\r\n"),
                arguments("folded coding", CHUNKED.replace(": chunked", ":\r\n chunked") + "0\r\n\r\n"),
                arguments("space at the end of the line", GET.replaceFirst("\r\n", " \r\n") + "\r\n"),
                arguments("header without colon", GET + "X-A\r\n\r\n"),
                arguments("header without name", GET + ": b\r\n\r\n"),
                arguments("name with a space", GET + "X A: b\r\n\r\n"),
                arguments("name with a separator", GET + "X(A): b\r\n\r\n"),
                arguments("name beyond ASCII", GET + "X-\u00c4: b\r\n\r\n"),
                arguments("zero in a name", GET + "X-\0A: b\r\n\r\n"),
                arguments("zero in a value", GET + "X-A: b\0c\r\n\r\n"),
                arguments("carriage return in a value", GET + "X-A: b\rX-B: c\r\n\r\n"),
                arguments("line feed alone ends a header", GET + "X-A: b\nX-B: c\r\n\r\n"),
                arguments("line feed alone ends the head", POST + "Content-Length: 5\r\n\nhello"),
                arguments("line feed alone ends the request line", GET.replaceFirst("\r\n", "\n") + "\r\n"),
                arguments("no host", "GET " + P + " HTTP/1.1\r\nX-Carovana-User: ann\r\n\r\n"),
                arguments("two hosts", GET + "Host: y\r\n\r\n"),
                arguments("the same host twice", GET + "Host: x\r\n\r\n"),
                arguments("host with a path", GET.replace("Host: x", "Host: x/y") + "\r\n"),
                arguments("host with a user", GET.replace("Host: x", "Host: ann@x") + "\r\n"),
                arguments("host with a space", GET.replace("Host: x", "Host: x y") + "\r\n"),
                arguments("URL with a user", GET.replace(P, "http://ann@x" + P) + "\r\n"),
                arguments("URL without a host", GET.replace(P, "http://" + P) + "\r\n"),
                arguments("target without a slash", GET.replace(P, "function/shop/cart/") + "\r\n"),
                arguments("everything, but not of OPTIONS", GET.replace(P, "*") + "\r\n"),
                arguments("space in the target", GET.replace(P, P + "a b") + "\r\n"),
                arguments("zero in the target", GET.replace(P, P + "\0") + "\r\n"),
                arguments("carriage return in the target", GET.replace(P, P + "\rX") + "\r\n"),
                arguments("no version", "GET " + P + "\r\nHost: x\r\nX-Carovana-User: ann\r\n\r\n"),
                arguments("version in small letters", GET.replace("HTTP", "http") + "\r\n"),
                arguments("version 2.0", GET.replace("1.1", "2.0") + "\r\n"),
                arguments("version with two digits", GET.replace("1.1", "1.10") + "\r\n"),
                arguments("version that is none", GET.replace("1.1", "1.x") + "\r\n"),
                arguments("method with a colon", GET.replace("GET", "GE:T") + "\r\n"),
                arguments("method with quotes", GET.replace("GET", "\"GET\"") + "\r\n"),
                arguments("CONNECT", GET.replace("GET", "CONNECT") + "\r\n"));
    }

    /** Their heads are good. */
    static Stream<Arguments> broken() {
        return Stream.of(
                arguments("chunk without a size", CHUNKED + "\r\nhello\r\n0\r\n\r\n"),
                arguments("chunk size with a prefix", CHUNKED + "0x5\r\nhello\r\n0\r\n\r\n"),
                arguments("chunk size with a sign", CHUNKED + "+5\r\nhello\r\n0\r\n\r\n"),
                arguments("negative chunk size", CHUNKED + "-5\r\nhello\r\n0\r\n\r\n"),
                arguments("chunk size with other letters", CHUNKED + "5g\r\nhello\r\n0\r\n\r\n"),
                arguments("chunk size with an underscore", CHUNKED + "0_5\r\nhello\r\n0\r\n\r\n"),
                arguments("chunk size that overflows", CHUNKED + "100000005\r\nhello\r\n0\r\n\r\n"),
                arguments("chunk size beyond all numbers", CHUNKED + "10000000000000005\r\nhello\r\n0\r\n\r\n"),
                arguments("line feed alone ends a size", CHUNKED + "5\nhello\r\n0\r\n\r\n"),
                arguments("line feed alone ends a chunk", CHUNKED + "5\r\nhello\n0\r\n\r\n"),
                arguments("nothing ends a chunk", CHUNKED + "5\r\nhello0\r\n\r\n"),
                arguments("other bytes end a chunk", CHUNKED + "5\r\nhelloXX0\r\n\r\n"),
                arguments("line feed in an extension", CHUNKED + "5;a\nb\r\nhello\r\n0\r\n\r\n"),
                arguments("carriage return in an extension", CHUNKED + "5;a\rb\r\nhello\r\n0\r\n\r\n"),
                arguments("line feed alone ends the last chunk", CHUNKED + "0\n\r\n"),
                arguments("line feed alone ends the trailers", CHUNKED + "0\r\n\n"),
                arguments("line feed alone ends a trailer", CHUNKED + "0\r\nX-A: b\n\r\n"),
                arguments("trailer without colon", CHUNKED + "0\r\nX-A\r\n\r\n"));
    }

    /** What comes back until the connection is closed. */
    private static String answers(String request) throws IOException {
        try (RawCaller caller = new RawCaller(gateway.server.port())) {
            return caller.send(request).all();
        }
    }

    private static String seen() {
        return pod.seen.stream().map(Object::toString).collect(joining(", "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void whatCanBeReadInTwoWaysIsRefused(String what, String request) throws IOException {
        String got = answers(request + NEXT);

        assertThat(got).matches("(?s)HTTP/\\S+ (400|501) .*");
        // what is behind a sound one is a call of its own
        assertThat(seen()).isIn(got.contains("BadTarget") ? List.of("", "GET /next HTTP/1.1") : List.of(""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void aBodyThatBreaksIsTheEndOfItsConnection(String what, String request) throws IOException {
        assertThat(answers(request + NEXT)).doesNotContain("HTTP/1.1 2");
        assertThat(seen()).isEmpty();
    }

    static Stream<Arguments> understood() {
        return Stream.of(
                arguments("plain", GET + "\r\n", "GET / HTTP/1.1"),
                arguments("length", POST + "Content-Length: 5\r\n\r\nhello", "POST / HTTP/1.1 hello"),
                arguments("length with zeros", POST + "Content-Length: 005\r\n\r\nhello", "POST / HTTP/1.1 hello"),
                arguments("spaces around", POST + "Content-Length: \t 5 \t\r\n\r\nhello", "POST / HTTP/1.1 hello"),
                arguments("no space", POST + "Content-Length:5\r\n\r\nhello", "POST / HTTP/1.1 hello"),
                arguments("chunks", CHUNKED + "5\r\nhello\r\n0\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments(
                        "Chunked", CHUNKED.replace("chunked", "Chunked") + "1\r\nh\r\n0\r\n\r\n", "POST / HTTP/1.1 h"),
                arguments("size with zeros", CHUNKED + "0005\r\nhello\r\n000\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments(
                        "size in letters",
                        CHUNKED + "a\r\nhellohello\r\nA\r\nhellohello\r\n0\r\n\r\n",
                        "POST / HTTP/1.1 hellohellohellohello"),
                arguments("extension", CHUNKED + "5;a=b\r\nhello\r\n0;c\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments("quoted extension", CHUNKED + "5;a=\"0;b\"\r\nhello\r\n0\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments(
                        "trailers",
                        CHUNKED + "5\r\nhello\r\n0\r\nContent-Length: 9\r\nX-A: b\r\n\r\n",
                        "POST / HTTP/1.1 hello"),
                arguments("empty chunks", CHUNKED + "0\r\n\r\n", "POST / HTTP/1.1"),
                arguments("body of GET", GET + "Content-Length: 5\r\n\r\nhello", "GET / HTTP/1.1 hello"),
                arguments(
                        "chunks of GET",
                        GET + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                        "GET / HTTP/1.1 hello"),
                arguments(
                        "chunks of DELETE",
                        CHUNKED.replace("POST", "DELETE") + "5\r\nhello\r\n0\r\n\r\n",
                        "DELETE / HTTP/1.1 hello"),
                arguments(
                        "length of OPTIONS",
                        POST.replace("POST", "OPTIONS") + "Content-Length: 5\r\n\r\nhello",
                        "OPTIONS / HTTP/1.1 hello"),
                arguments("an empty line before", "\r\n" + GET + "\r\n", "GET / HTTP/1.1"),
                arguments("method that is not known", GET.replace("GET", "PURGE") + "\r\n", "PURGE / HTTP/1.1"),
                arguments("method in small letters", GET.replace("GET", "get") + "\r\n", "get / HTTP/1.1"),
                arguments("no value", GET + "X-A:\r\n\r\n", "GET / HTTP/1.1"),
                arguments(
                        "bytes beyond ASCII",
                        GET.replace(P, P + "caf\u00c3\u00a9") + "\r\n",
                        "GET /caf%C3%A9 HTTP/1.1"),
                arguments(
                        "upgrade to what is not known",
                        POST + "Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\nhello",
                        "POST / HTTP/1.1 hello"),
                arguments("folded header", GET + "X-A: b\r\n c\r\n\r\n", "GET / HTTP/1.1"),
                arguments("tab for a space", GET.replace("GET ", "GET\t") + "\r\n", "GET / HTTP/1.1"),
                arguments("two spaces", GET.replace("GET ", "GET  ") + "\r\n", "GET / HTTP/1.1"),
                // Netty reads a size up to the first space or control character
                arguments("space before a size", CHUNKED + " 5\r\nhello\r\n0\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments("space in a size", CHUNKED + "5 0\r\nhello\r\n0\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments("zero after a size", CHUNKED + "5\0\r\nhello\r\n0\r\n\r\n", "POST / HTTP/1.1 hello"),
                arguments("header of HTTP/2", GET + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", "GET / HTTP/1.1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("understood")
    void whatIsPlainArrivesAsItIs(String what, String request, String expected) throws IOException {
        assertThat(answers(request + NEXT)).startsWith("HTTP/1.1 200");
        assertThat(seen()).isEqualTo(expected + ", GET /next HTTP/1.1");
    }
}
