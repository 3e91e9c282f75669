// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.tracing.TracingOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the servers and clients of a gateway are set.
 *
 * @param site of this gateway
 * @param port for users
 * @param peerPort for other gateways
 * @param certificate for users, a folder with tls.crt and tls.key; null for no TLS
 * @param identity among gateways, a folder with ca.crt, too; null for none
 * @param replayBytes how much of a body is kept
 * @param timeout until the head of an answer, where the function says nothing
 * @param pool of connections
 * @param traces how spans are made; null for none
 */
public record Settings(
        String site,
        int port,
        int peerPort,
        @Nullable Path certificate,
        @Nullable Path identity,
        long replayBytes,
        Duration timeout,
        Pool pool,
        @Nullable TracingOptions traces) {
    /**
     * @param size most connections to one pod
     * @param keepAlive how long one is kept without use
     */
    public record Pool(int size, Duration keepAlive, Duration connectTimeout) {}
}
