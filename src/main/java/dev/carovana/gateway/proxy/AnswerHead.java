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

    static boolean isStream(HttpClientResponse from) {
        String type = from.headers().get("content-type");
        return type != null && type.startsWith("text/event-stream");
    }
}
