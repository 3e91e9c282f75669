// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for: RFC 9112, 3.2, and RFC 9113, 8.3.1.
 *
 * @param authority the host that the caller asked for
 * @param uri path and query
 */
record RequestTarget(@Nullable HostAndPort authority, String uri) {
    /** @throws Wrong if no server may answer it */
    static RequestTarget of(HttpServerRequest request) throws Wrong {
        // whether the codec refuses it depends on how strictly its JVM was told to read
        if (request.version() == null) {
            throw new Wrong("the version of HTTP is not known, expected HTTP/1.0 or HTTP/1.1");
        }
        String uri = encoded(request.uri());
        HostAndPort host = request.version() == HttpVersion.HTTP_2
                ? request.authority()
                : host(request.headers().getAll("host"), request.version());
        int authority = request.version() == HttpVersion.HTTP_2 ? -1 : beginOfAuthority(uri);
        if (authority >= 0) {
            // whatever the header says: a client that takes this server for a proxy
            int path = endOfAuthority(uri, authority);
            return new RequestTarget(parsed(uri.substring(authority, path)), originForm(uri.substring(path)));
        }
        boolean all = uri.equals("*") && request.method().equals(HttpMethod.OPTIONS);
        if (!uri.startsWith("/") && !all) {
            throw new Wrong("the request target '" + uri + "' is neither a path nor a URI of http or https");
        }
        return new RequestTarget(host, uri);
    }

    private static @Nullable HostAndPort host(List<String> lines, HttpVersion version) throws Wrong {
        if (lines.size() > 1) {
            throw new Wrong("header Host is there " + lines.size() + " times, expected once");
        }
        if (lines.isEmpty()) {
            if (version == HttpVersion.HTTP_1_0) {
                return null;
            }
            throw new Wrong("header Host is missing");
        }
        String line = lines.getFirst();
        return line.isEmpty() ? null : parsed(line);
    }

    private static HostAndPort parsed(String authority) throws Wrong {
        HostAndPort parsed = HostAndPort.parseAuthority(authority, -1);
        if (parsed == null || parsed.host().isEmpty()) {
            throw new Wrong("'" + authority + "' is not a host, expected for instance example.org:8000");
        }
        return parsed;
    }

    private static int beginOfAuthority(String uri) {
        for (String scheme : List.of("http://", "https://")) {
            if (uri.regionMatches(true, 0, scheme, 0, scheme.length())) {
                return scheme.length();
            }
        }
        return -1;
    }

    private static int endOfAuthority(String uri, int begin) {
        int end = begin;
        while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    /** No URI has other bytes than those of ASCII: a client that sends them means what is encoded. */
    private static String encoded(String uri) throws Wrong {
        StringBuilder encoded = new StringBuilder(uri.length());
        for (int i = 0; i < uri.length(); i++) {
            char next = uri.charAt(i);
            if (next <= ' ' || next == 0x7f) {
                throw new Wrong("the request target has a control character");
            }
            if (next < 0x80) {
                encoded.append(next);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits((byte) next));
            }
        }
        return encoded.length() == uri.length() ? uri : encoded.toString();
    }

    private static String originForm(String rest) {
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    /** Why a server must refuse a request. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        private final String why;

        Wrong(String why) {
            super(why, null, false, false);
            this.why = why;
        }

        String why() {
            return why;
        }
    }
}
