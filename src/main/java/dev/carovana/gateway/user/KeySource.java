// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey;

/** The keys with which tokens are signed. */
public interface KeySource {
    /** Those that were read last; none in the beginning. */
    List<JsonWebKey> current();

    /** Reads them again, without waiting; empty if that was done just now. */
    Optional<Future<List<JsonWebKey>>> fresh();
}
