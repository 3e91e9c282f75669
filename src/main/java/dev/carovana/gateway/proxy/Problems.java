// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.Refusal;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** Says why a call does not go on, in the form of RFC 9457. */
final class Problems {
    private Problems() {}

    static void send(HttpServerResponse response, Refusal why) {
        if (response.ended() || response.closed() || response.headWritten()) {
            return;
        }
        response.headers().clear();
        response.setStatusCode(why.status());
        response.putHeader("Content-Type", "application/problem+json");
        if (why.retryAfter() > 0) {
            response.putHeader("Retry-After", Integer.toString(why.retryAfter()));
        }
        if (why.stale() != null) {
            response.putHeader(Names.STALE, Long.toString(why.stale()));
        }
        if (why.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer");
        }
        response.end(new JsonObject()
                .put("type", "about:blank")
                .put("title", HttpResponseStatus.valueOf(why.status()).reasonPhrase())
                .put("status", why.status())
                .put("detail", why.detail())
                .put("cause", why.code())
                .toBuffer());
    }
}
