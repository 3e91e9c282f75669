// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.RouteTable;
import dev.carovana.link.v1.FunctionRoute;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a call is for.
 *
 * @param function as {@code namespace/name}
 * @param route the function's
 * @param authority the host that the caller asked for
 * @param uri path and query as the function sees them
 */
record Target(String function, FunctionRoute route, @Nullable HostAndPort authority, String uri) {
    private static final String PREFIX = "/function/";

    /** Null if there is no such function. */
    static @Nullable Target of(RequestTarget asked, RouteTable routes) {
        HostAndPort authority = asked.authority();
        String uri = asked.uri();
        if (authority != null && routes.knowsHosts()) {
            FunctionRoute named = routes.functionOfHost(authority.host().toLowerCase(Locale.ROOT));
            if (named != null) {
                return new Target(named.getNamespace() + "/" + named.getName(), named, authority, uri);
            }
        }
        int end = endOfName(uri);
        if (end < 0) {
            return null;
        }
        String function = uri.substring(PREFIX.length(), end);
        FunctionRoute route = routes.function(function);
        return route == null ? null : new Target(function, route, authority, rest(uri, end));
    }

    /** @param other if the function does not say */
    long timeoutMillis(Duration other) {
        return route.getTimeoutMillis() > 0 ? route.getTimeoutMillis() : Math.max(1, other.toMillis());
    }

    /** Where {@code /function/namespace/name} ends, or -1 if the path does not begin like that. */
    private static int endOfName(String uri) {
        if (!uri.startsWith(PREFIX)) {
            return -1;
        }
        int name = uri.indexOf('/', PREFIX.length()) + 1;
        if (name == 0) {
            return -1;
        }
        int end = name;
        while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?' && uri.charAt(end) != '#') {
            end++;
        }
        return end == name ? -1 : end;
    }

    private static String rest(String uri, int end) {
        if (end == uri.length()) {
            return "/";
        }
        return uri.charAt(end) == '/' ? uri.substring(end) : "/" + uri.substring(end);
    }
}
