// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.Refusal;
import dev.carovana.link.v1.FunctionRoute;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/** Calls that other gateways pass on. */
final class PeerCalls implements Handler<HttpServerRequest> {
    private final Surface surface;

    PeerCalls(Surface surface) {
        this.surface = surface;
    }

    @Override
    public void handle(HttpServerRequest request) {
        Identity call = Identity.read(request.headers());
        if (call == null) {
            PublicCalls.refuse(request, Refusal.of(400, "headers Carovana-* are missing or wrong", "NotAGateway"));
            return;
        }
        FunctionRoute function = surface.routes().function(call.function());
        if (function == null) {
            // the other gateway knows more than this one, or less: it tries again until both know the same
            PublicCalls.refuse(
                    request, new Refusal(421, "no function " + call.function() + " here", "NotFound", 0, 0L));
            return;
        }
        Target target = new Target(call.function(), function, request.authority(), request.uri());
        new Exchange(surface, request, call.user(), target, call, null).start();
    }
}
