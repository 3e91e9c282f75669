// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.Call;
import dev.carovana.gateway.route.GateKey;
import dev.carovana.gateway.route.Pass;
import dev.carovana.gateway.route.Refusal;
import dev.carovana.link.v1.InstanceRoute;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One call, from its arrival until its end. Lives on one event loop. */
final class Exchange implements Call {
    /** The caller has gone before the answer. */
    static final int CALLER_GONE = 499;

    private static final long INTERNAL_ERROR = 2;
    private static final long PEER_PATIENCE_MILLIS = 2000;

    private final Surface surface;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final GateKey key;
    private final Target target;
    private final @Nullable Forwarding forwarding;
    private final Context context;
    private final RequestBody body;
    private final Backoff backoff = new Backoff();
    private final boolean upgrade;
    private final Pass pass;
    private final long begin = System.nanoTime();

    private @Nullable Attempt attempt;
    private @Nullable Answer answer;
    private @Nullable WebSocketTunnel tunnel;
    private @Nullable InstanceRoute answeredBy;
    private int failures;
    private int retries;
    private boolean done;

    /**
     * @param peer what the gateway says that sent it; null if a user did
     * @param forwarding of a user's call
     */
    Exchange(
            Surface surface,
            HttpServerRequest request,
            String user,
            Target target,
            @Nullable Identity peer,
            @Nullable Forwarding forwarding) {
        this.surface = surface;
        this.request = request;
        this.response = request.response();
        this.key = new GateKey(target.function(), user);
        this.target = target;
        this.forwarding = forwarding;
        this.context = surface.vertx().getOrCreateContext();
        this.body = new RequestBody(request, surface.replayBytes());
        this.upgrade = HeaderRules.isUpgrade(request, body);
        boolean stream = upgrade || "text/event-stream".equals(request.getHeader("accept"));
        this.pass = peer == null
                ? Pass.ofUser(this, stream, body.declared())
                : Pass.ofPeer(this, stream, body.declared(), peer.instance(), peer.epoch());
    }

    void start() {
        surface.book().began();
        response.closeHandler(closed -> callerGone());
        response.exceptionHandler(failure -> callerGone());
        request.exceptionHandler(failure -> callerGone());
        surface.routes().enter(key, pass);
    }

    Surface surface() {
        return surface;
    }

    HttpServerRequest request() {
        return request;
    }

    GateKey key() {
        return key;
    }

    Target target() {
        return target;
    }

    RequestBody body() {
        return body;
    }

    boolean isUpgrade() {
        return upgrade;
    }

    boolean mayRetry() {
        return RetryRule.allows(target.route().getRetry(), request.method().name());
    }

    long timeoutMillis() {
        return target.timeoutMillis(surface.timeout());
    }

    void addForwarded(MultiMap headers) {
        if (forwarding != null) {
            forwarding.write(headers);
        }
    }

    @Override
    public Executor executor() {
        return task -> context.runOnContext(run -> task.run());
    }

    @Override
    public void go(InstanceRoute route) {
        if (done) {
            pass.leave();
            return;
        }
        attempt = new Attempt(this, route);
        attempt.start(failures);
    }

    /** Something took the call: its body may come. */
    void accepted() {
        body.ask(response);
    }

    /** Nothing was sent. */
    void unreachable(Throwable why, boolean peer) {
        attempt = null;
        body.detach();
        failures++;
        if (!body.isReplayable()) {
            broken(why);
            return;
        }
        boolean another = peer && failures < surface.upstream().peers(pass.route());
        pass.again(another ? Duration.ZERO : backoff.next());
    }

    /** Another gateway has not taken the call, because its route is a different one. */
    void stale() {
        attempt = null;
        body.detach();
        if (body.isReplayable()) {
            pass.again(backoff.next());
        } else {
            refused(Refusal.later("the instance has moved and the body is too long to be sent again", "Moved"));
        }
    }

    /** It was sent, and what became of it is not known. */
    void broken(Throwable why) {
        attempt = null;
        if (done) {
            return;
        }
        body.detach();
        if (response.headWritten()) {
            end(response.getStatusCode());
            response.reset(INTERNAL_ERROR);
        } else if (mayRetry() && retries < RetryRule.MOST && body.isReplayable()) {
            retries++;
            pass.again(Duration.ZERO);
        } else {
            refused(Refusal.of(502, "the function broke off: whether it has executed the call is not known", "Broken"));
        }
    }

    void timedOut() {
        attempt = null;
        if (body.isAwaited()) {
            refused(Refusal.of(408, "nothing of the body has come for " + timeoutMillis() + " ms", "BodyTimeout"));
            body.cutOff();
        } else {
            refused(Refusal.of(504, "the function did not answer in " + timeoutMillis() + " ms", "Timeout"));
        }
    }

    void answered(HttpClientResponse from, InstanceRoute route) {
        answeredBy = route;
        AnswerHead.write(from, route, response);
        MultiMap headers = response.headers();
        if (forwarding != null) {
            AnswerHead.writeWait(pass.waitedNanos(), headers);
        }
        if (surface.draining().get() && request.version() != HttpVersion.HTTP_2) {
            headers.set("Connection", "close");
        }
        if (upgrade && from.statusCode() == 101) {
            pass.streams();
            HeaderRules.copyUpgrade(from.headers(), headers);
            tunnel = new WebSocketTunnel(request, from.netSocket(), this::finished);
            tunnel.start();
            return;
        }
        answer = new Answer(from, request, this::finished, pass::streams);
        answer.start(context);
    }

    private void finished() {
        if (attempt != null) {
            attempt.finished();
        }
        end(response.getStatusCode());
    }

    @Override
    public void refused(Refusal why) {
        if (done) {
            return;
        }
        end(why.status());
        Problems.send(response, why);
        body.discard();
    }

    @Override
    public void endStream() {
        if (done || !pass.isStream()) {
            return;
        }
        if (tunnel != null) {
            tunnel.endForRestart();
        } else if (answer != null) {
            end(response.getStatusCode());
            answer.endEarly();
            cancelAttempt();
        }
    }

    @Override
    public void outdated() {
        Attempt outdated = attempt;
        if (done || outdated == null) {
            return;
        }
        if (outdated.isToPeer()) {
            // the other gateway knows whether the pod has it, and says so unless it is lost, too
            surface.vertx().setTimer(PEER_PATIENCE_MILLIS, late -> breakOff(outdated));
        } else {
            breakOff(outdated);
        }
    }

    private void breakOff(Attempt outdated) {
        if (!done && attempt == outdated) {
            cancelAttempt();
            broken(new IllegalStateException("the instance has moved"));
        }
    }

    private void cancelAttempt() {
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
    }

    private void callerGone() {
        if (done || tunnel != null) { // a tunnel watches its own ends
            return;
        }
        if (answer != null) {
            answer.abandon();
        }
        end(CALLER_GONE);
        cancelAttempt();
        body.discard();
    }

    private void end(int status) {
        if (done) {
            return;
        }
        done = true;
        pass.leave();
        surface.book()
                .ended(CallBook.Ended.of(
                        request,
                        target.function(),
                        status,
                        answeredBy,
                        new CallBook.Spent(begin, pass.waitedNanos()),
                        answer == null ? 0 : answer.bytes()));
    }
}
