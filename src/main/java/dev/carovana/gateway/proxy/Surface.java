// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.RouteTable;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the calls of one event loop share.
 *
 * @param replayBytes how much of a body is kept
 * @param timeout until the head of an answer, where the function says nothing
 * @param traced whether calls get spans
 * @param draining whether callers shall come by another connection next time
 */
record Surface(
        Vertx vertx,
        RouteTable routes,
        Upstream upstream,
        CallBook book,
        long replayBytes,
        Duration timeout,
        boolean traced,
        AtomicBoolean draining) {}
