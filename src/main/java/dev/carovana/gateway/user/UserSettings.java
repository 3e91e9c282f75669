// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * How users are known.
 *
 * @param headerCallers networks of the callers who may name a user by a header
 * @param jwks keys with which tokens are signed: URL or file
 * @param issuer of tokens, checked if there is one
 * @param audience of tokens, checked if there is one
 */
public record UserSettings(
        List<String> headerCallers, Optional<String> jwks, Optional<String> issuer, Optional<String> audience) {
    public Networks networks() {
        return Networks.of(headerCallers);
    }

    public Callers callers(Vertx vertx) {
        Tokens tokens = new Tokens(new FetchedKeys(vertx, jwks), issuer, audience, Clock.systemUTC());
        return new Callers(networks(), tokens);
    }
}
