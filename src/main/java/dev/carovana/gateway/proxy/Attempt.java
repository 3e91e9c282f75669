// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.Refusal;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/** One try to have a call answered by the pod of one route. */
final class Attempt {
    /** HTTP/2: the server has not looked at it. */
    private static final long REFUSED_STREAM = 7;

    private static final long CANCEL = 8;

    private final Exchange exchange;
    private final InstanceRoute route;
    private final boolean toPeer;
    private @Nullable HttpClientRequest request;
    private long timer = -1;
    private long sent;
    private boolean over;

    Attempt(Exchange exchange, InstanceRoute route) {
        this.exchange = exchange;
        this.route = route;
        this.toPeer = !exchange.surface().upstream().isHere(route);
    }

    boolean isToPeer() {
        return toPeer;
    }

    void start(int failures) {
        HttpServerRequest from = exchange.request();
        RequestOptions options = new RequestOptions()
                .setMethod(from.method())
                .setURI(exchange.target().uri());
        Upstream upstream = exchange.surface().upstream();
        Future<HttpClientRequest> connected = toPeer
                ? upstream.toPeer(route, options, exchange.isUpgrade(), failures)
                : upstream.toPod(exchange.target().route(), route, options, exchange.isUpgrade());
        connected.onComplete(result -> {
            if (result.succeeded()) {
                connected(result.result());
            } else if (!over) {
                over = true;
                exchange.unreachable(result.cause(), toPeer);
            }
        });
    }

    private void connected(HttpClientRequest to) {
        if (over) {
            to.reset(CANCEL);
            return;
        }
        request = to;
        to.exceptionHandler(this::failed);
        to.response().onComplete(head -> {
            if (head.succeeded()) {
                answered(head.result());
            } else {
                failed(head.cause());
            }
        });
        writeHead(to);
        sent = System.nanoTime();
        await(exchange.timeoutMillis());
        if (exchange.isUpgrade()) {
            to.connect();
            return;
        }
        exchange.accepted();
        boolean waits = toPeer && exchange.body().isLong();
        if (waits) {
            to.putHeader("Expect", "100-continue");
            to.continueHandler(go -> exchange.body().goOn());
        }
        exchange.body().send(to, toPeer || exchange.mayRetry(), waits);
    }

    private void writeHead(HttpClientRequest to) {
        HttpServerRequest from = exchange.request();
        MultiMap headers = to.headers();
        HeaderRules.copy(from.headers(), headers);
        if (exchange.surface().traced()) {
            HeaderRules.dropTrace(headers); // the span of this call is added, and must be the only one
        }
        HostAndPort authority = authority();
        if (authority != null) {
            to.authority(authority);
        }
        headers.remove("trailer"); // what is announced there is not passed on: Vert.x does not say trailers of requests
        if (HeaderRules.takesTrailers(from.headers())) {
            headers.set("te", "trailers");
        }
        exchange.addForwarded(headers);
        if (toPeer) {
            Identity.write(headers, exchange.key().function(), exchange.key().user(), route);
        } else {
            headers.set(Names.EPOCH, Long.toString(route.getEpoch()));
        }
        if (exchange.isUpgrade()) {
            HeaderRules.copyUpgrade(from.headers(), headers);
        }
    }

    /** The function sees the caller's, unless it is an ingress that must know which function is meant. */
    private @Nullable HostAndPort authority() {
        FunctionRoute function = exchange.target().route();
        return !toPeer && function.getCalledByName()
                ? HostAndPort.create(route.getHost(), function.getPort())
                : exchange.target().authority();
    }

    private void answered(HttpClientResponse response) {
        if (over) {
            return;
        }
        int status = response.statusCode();
        if (status < 100 || status == 101 && !exchange.isUpgrade()) {
            failed(new IllegalStateException("the function answers with status " + status));
            return;
        }
        stopTimer();
        response.exceptionHandler(this::failed);
        if (toPeer && status == 421 && response.headers().contains(Names.STALE)) {
            finished();
            exchange.stale();
            return;
        }
        exchange.answered(response, route);
    }

    private void failed(Throwable why) {
        if (over) {
            return;
        }
        over = true;
        stopTimer();
        HttpClientRequest sent = request;
        if (why instanceof StreamResetException reset && reset.getCode() == REFUSED_STREAM) {
            exchange.unreachable(why, toPeer);
            return;
        }
        if (sent != null) {
            sent.reset(CANCEL);
        }
        if (why instanceof TooLongHttpHeaderException) {
            String detail = "the head of the function's answer is longer than " + Connectors.MAX_HEADERS + " bytes";
            exchange.refused(Refusal.of(502, detail, "AnswerHeadTooLong"));
        } else {
            exchange.broken(why);
        }
    }

    private void await(long millis) {
        timer = exchange.surface().vertx().setTimer(millis, fired -> maybeTimedOut());
    }

    /** The wait for an answer begins when the last of the body has come; a body may take any time, but not stand still. */
    private void maybeTimedOut() {
        timer = -1;
        if (over) {
            return;
        }
        long since = Math.max(sent, exchange.body().lastPiece());
        long left = exchange.timeoutMillis() - (System.nanoTime() - since) / 1_000_000;
        if (left > 0) {
            await(left);
        } else {
            cancel();
            exchange.timedOut();
        }
    }

    private void stopTimer() {
        if (timer >= 0) {
            exchange.surface().vertx().cancelTimer(timer);
            timer = -1;
        }
    }

    /** Nobody wants the answer any more. */
    void cancel() {
        over = true;
        stopTimer();
        if (request != null) {
            request.reset(CANCEL);
        }
    }

    /** It was answered whole. */
    void finished() {
        over = true;
        stopTimer();
        if (request != null && (exchange.isUpgrade() || !exchange.body().isComplete())) {
            request.reset(CANCEL); // the function has answered without reading everything, or speaks no HTTP now
        }
    }
}
