// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which headers go on. */
final class HeaderRules {
    private HeaderRules() {}

    /** All but those of the connection, and ours. */
    static void copy(MultiMap from, MultiMap to) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            if (!isOfConnection(name) && !isOurs(name) && (named.isEmpty() || !named.contains(lower(name)))) {
                to.add(name, header.getValue());
            }
        }
    }

    /** Trailers: nothing of the message's frame may be among them. */
    static void copyTrailers(MultiMap from, MultiMap to) {
        for (Map.Entry<String, String> trailer : from) {
            String name = trailer.getKey();
            if (!isOfConnection(name) && !same(name, "content-length")) {
                to.add(name, trailer.getValue());
            }
        }
    }

    /** W3C Trace Context: where the call stands in its caller's trace. */
    static void dropTrace(MultiMap headers) {
        headers.remove("traceparent").remove("tracestate");
    }

    /** A switch of protocols names itself in headers of the connection. */
    static void copyUpgrade(MultiMap from, MultiMap to) {
        String upgrade = from.get("upgrade");
        if (upgrade != null) {
            to.set("Upgrade", upgrade);
            to.set("Connection", "Upgrade");
        }
    }

    /** RFC 9110, 7.8. With a body it is no WebSocket, and is answered as if it had not asked. */
    static boolean isUpgrade(HttpServerRequest request, RequestBody body) {
        MultiMap headers = request.headers();
        return request.version() == HttpVersion.HTTP_1_1
                && body.isEmpty()
                && headers.contains("upgrade")
                && namedByConnection(headers).contains("upgrade");
    }

    /** Whether the caller can take trailers. */
    static boolean takesTrailers(MultiMap headers) {
        return headers.getAll("te").stream().anyMatch(line -> listed(line).anyMatch("trailers"::equals));
    }

    private static Set<String> namedByConnection(MultiMap headers) {
        if (!headers.contains("connection")) {
            return Set.of();
        }
        return headers.getAll("connection").stream()
                .flatMap(HeaderRules::listed)
                .collect(Collectors.toSet());
    }

    private static Stream<String> listed(String line) {
        return Stream.of(line.split(",", -1)).map(name -> lower(name.strip()));
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static boolean isOurs(String name) {
        return name.length() > 9 && name.regionMatches(true, 0, "carovana-", 0, 9);
    }

    private static boolean isOfConnection(String name) {
        return switch (name.length()) {
            case 2 -> same(name, "te");
            case 4 -> same(name, "host");
            case 6 -> same(name, "expect");
            case 7 -> same(name, "upgrade") || name.charAt(0) == ':';
            case 10 -> same(name, "connection") || same(name, "keep-alive") || name.charAt(0) == ':';
            case 14 -> same(name, "http2-settings");
            case 16 -> same(name, "proxy-connection");
            case 17 -> same(name, "transfer-encoding");
            default -> name.isEmpty() || name.charAt(0) == ':';
        };
    }

    private static boolean same(String name, String other) {
        return name.equalsIgnoreCase(other);
    }
}
