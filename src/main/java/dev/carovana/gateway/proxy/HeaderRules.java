// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which headers go on. */
final class HeaderRules {
    private HeaderRules() {}

    /** All but those of the connection, and ours. */
    static void copy(MultiMap from, MultiMap to) {
        Set<String> named = namedByConnection(from.get("connection"));
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

    static boolean isUpgrade(MultiMap headers) {
        String connection = headers.get("connection");
        return connection != null
                && headers.contains("upgrade")
                && AsciiString.containsIgnoreCase(connection, "upgrade");
    }

    private static Set<String> namedByConnection(@Nullable String connection) {
        if (connection == null || same(connection, "keep-alive") || same(connection, "close")) {
            return Set.of();
        }
        Set<String> named = new HashSet<>();
        for (String name : connection.split(",", -1)) {
            named.add(lower(name.strip()));
        }
        return named;
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
