// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.Refusal;
import dev.carovana.gateway.user.Caller;
import dev.carovana.gateway.user.Callers;
import dev.carovana.gateway.user.Networks;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** Calls of users. */
final class PublicCalls implements Handler<HttpServerRequest> {
    private final Surface surface;
    private final Callers callers;
    private final Networks trusted;
    /** Connections that are being closed, and still have requests to be told. */
    private final Set<HttpConnection> cutOff = Collections.newSetFromMap(new WeakHashMap<>());

    PublicCalls(Surface surface, Callers callers, Networks trusted) {
        this.surface = surface;
        this.callers = callers;
        this.trusted = trusted;
    }

    @Override
    public void handle(HttpServerRequest request) {
        if (!cutOff.isEmpty() && cutOff.contains(request.connection())) {
            return; // it came behind one that had no sure end, with the same bytes
        }
        if (!surface.routes().isSynced()) {
            refuse(request, Refusal.later("this gateway has just started and knows no routes yet", "NotReady"));
            return;
        }
        Refusal wrong = RequestRules.refusal(request);
        if (wrong != null) {
            refuse(request, wrong);
            if (RequestRules.endIsUnsure(wrong)) {
                cutOff(request);
            }
            return;
        }
        RequestTarget asked;
        try {
            asked = RequestTarget.of(request);
        } catch (RequestTarget.Wrong e) {
            refuse(request, Refusal.of(400, e.why(), "BadTarget"));
            return;
        }
        Target target = Target.of(asked, surface.routes());
        if (target == null) {
            refuse(request, Refusal.of(404, "no function is called " + request.path(), "NotFound"));
            return;
        }
        SocketAddress remote = request.remoteAddress();
        String address = remote == null ? null : remote.hostAddress();
        route(request, target, address, callers.of(target.route(), request.headers(), address));
    }

    private void cutOff(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            cutOff.add(request.connection());
        }
        RequestBody.cutOff(request);
    }

    private void route(HttpServerRequest request, Target target, @Nullable String address, Caller caller) {
        switch (caller) {
            case Caller.Known known -> {
                String from = address == null ? "unknown" : address;
                Forwarding forwarding = new Forwarding(
                        from, request.isSSL() ? "https" : "http", target.authority(), trusted.contains(address));
                new Exchange(surface, request, known.user(), target, null, forwarding).start();
            }
            case Caller.Refused refused -> refuse(request, refused.why());
            case Caller.Later later -> {
                request.pause();
                Context context = surface.vertx().getOrCreateContext();
                later.found()
                        .onComplete(found -> context.runOnContext(run -> route(
                                request,
                                target,
                                address,
                                found.succeeded()
                                        ? found.result()
                                        : new Caller.Refused(
                                                Refusal.later("the token cannot be checked now", "KeysMissing")))));
            }
        }
    }

    static void refuse(HttpServerRequest request, Refusal why) {
        Problems.send(request.response(), why);
        if (!request.isEnded()) {
            request.resume();
        }
    }
}
