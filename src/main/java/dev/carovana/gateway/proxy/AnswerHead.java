// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.link.v1.InstanceRoute;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;

/** Status and headers of an answer. */
final class AnswerHead {
    private AnswerHead() {}

    static void write(HttpClientResponse from, InstanceRoute route, HttpServerResponse to) {
        to.setStatusCode(from.statusCode());
        MultiMap headers = to.headers();
        HeaderRules.copy(from.headers(), headers);
        headers.set(Names.SITE, route.getSite());
        headers.set(Names.EPOCH, Long.toString(route.getEpoch()));
    }

    /** The function's own Server-Timing stays. */
    static void writeWait(long nanos, MultiMap headers) {
        if (nanos > 0) {
            headers.add("Server-Timing", String.format(Locale.ROOT, "hold;dur=%.1f", nanos / 1e6));
        }
    }

    /** Clients connect again when they end. */
    static boolean isEvents(HttpClientResponse from) {
        return isOfType(from, "text/event-stream");
    }

    /** Its status is in the trailers, and without them clients know that it has broken. */
    static boolean isGrpc(HttpClientResponse from) {
        return isOfType(from, "application/grpc");
    }

    private static boolean isOfType(HttpClientResponse from, String type) {
        String said = from.headers().get("content-type");
        return said != null
                && said.regionMatches(true, 0, type, 0, type.length())
                && (said.length() == type.length() || ";+ ".indexOf(said.charAt(type.length())) >= 0);
    }
}
