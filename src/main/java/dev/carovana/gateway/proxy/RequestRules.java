// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.Refusal;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server must refuse by RFC 9110 and 9112 and Vert.x lets pass. */
final class RequestRules {
    private static final String BAD_FRAME = "BadFrame";

    private RequestRules() {}

    /** Null if nothing speaks against the request. */
    static @Nullable Refusal refusal(HttpServerRequest request) {
        MultiMap headers = request.headers();
        List<String> coding = headers.getAll("transfer-encoding");
        if (coding.size() > 1 || !coding.isEmpty() && !coding.getFirst().equalsIgnoreCase("chunked")) {
            // Vert.x looks for the word only: it may have taken the body for another request, or for a plain one
            return Refusal.of(501, "Transfer-Encoding: " + coding + ": only chunked is known", BAD_FRAME);
        }
        if (headers.contains("")) {
            return Refusal.of(400, "a header has no name", BAD_FRAME);
        }
        if (request.method().equals(HttpMethod.CONNECT)) {
            return Refusal.of(501, "CONNECT: this is no proxy", BAD_FRAME);
        }
        return expectation(headers);
    }

    /** Whether it is refused because its end is not sure. */
    static boolean endIsUnsure(Refusal refusal) {
        return refusal.code().equals(BAD_FRAME);
    }

    private static @Nullable Refusal expectation(MultiMap headers) {
        return headers.getAll("expect").stream()
                .filter(expected -> !expected.equalsIgnoreCase("100-continue"))
                .findFirst()
                .map(unknown -> Refusal.of(417, "Expect: " + unknown + ": only 100-continue is known", "Expectation"))
                .orElse(null);
    }
}
