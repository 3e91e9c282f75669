// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The body of a call on its way: what was sent is kept as long as it is short, so that it can be sent again. */
final class RequestBody {
    private static final Set<HttpMethod> METHODS_WITH_BODY = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

    /** HTTP/2: what there was to answer has been answered. */
    private static final long NO_ERROR = 0;

    private final HttpServerRequest from;
    private final long limit;
    private final List<Buffer> kept = new ArrayList<>(2);
    private long keptBytes;
    private boolean lost;
    private boolean asked;
    private boolean complete;
    private boolean reading;
    private long lastPiece = Long.MIN_VALUE;

    private @Nullable HttpClientRequest to;
    private boolean keeps;
    private boolean headSent;
    private boolean bounded;
    private @Nullable Buffer beyond;

    /** Nothing is read before it is sent. */
    RequestBody(HttpServerRequest from, long limit) {
        this.from = from;
        this.limit = limit;
        complete = from.version() != HttpVersion.HTTP_2 && !saysLength() && !isChunked();
        from.pause();
        if (!complete) {
            from.handler(this::chunk);
            from.endHandler(end -> end());
        }
    }

    private boolean saysLength() {
        return from.headers().contains("content-length");
    }

    private boolean isChunked() {
        return from.headers().contains("transfer-encoding");
    }

    /** In bytes; 0 if it does not say. */
    long declared() {
        String length = from.getHeader("content-length");
        try {
            return length == null ? 0 : Math.max(0, Long.parseLong(length));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Whether it may be longer than what is kept. */
    boolean isLong() {
        return !complete && (!saysLength() || declared() > limit);
    }

    /** Whether it says that there is none. */
    boolean isEmpty() {
        return complete || saysLength() && declared() == 0;
    }

    /** Whether all that was read so far can be sent again. */
    boolean isReplayable() {
        return !lost;
    }

    boolean isComplete() {
        return complete;
    }

    /** Whether the next that has to happen is that the caller sends more. */
    boolean isAwaited() {
        return !complete && reading;
    }

    /** When the last of it came, as {@link System#nanoTime} said; long ago if nothing has. */
    long lastPiece() {
        return lastPiece;
    }

    /**
     * Begins, or begins again.
     *
     * @param keep whether it may be needed again
     * @param wait whether no more is sent than is kept until {@link #goOn}
     */
    void send(HttpClientRequest request, boolean keep, boolean wait) {
        to = request;
        keeps = keep;
        bounded = wait;
        headSent = false;
        if (complete && kept.isEmpty()) {
            finish(request);
            read();
            return;
        }
        request.drainHandler(drained -> resume());
        kept.forEach(chunk -> write(request, chunk));
        if (complete) {
            finish(request);
            return;
        }
        continueReading();
        if (!headSent && !saysLength() && METHODS_WITH_BODY.contains(request.getMethod())) {
            // if the end does not follow the head at once, the function may have to answer before it comes
            Vertx.currentContext().runOnContext(later -> sendHead(request));
        }
    }

    private void read() {
        reading = true;
        if (!from.isEnded()) {
            from.resume();
        }
    }

    private void pause() {
        reading = false;
        from.pause();
    }

    private void sendHead(HttpClientRequest request) {
        if (request.equals(to) && !headSent && !complete) {
            headSent = true;
            request.setChunked(true);
            request.sendHead();
        }
    }

    private void write(HttpClientRequest request, Buffer chunk) {
        if (!headSent && !saysLength()) {
            request.setChunked(true);
        }
        headSent = true;
        request.write(chunk);
    }

    private void finish(HttpClientRequest request) {
        if (!headSent && !saysLength() && METHODS_WITH_BODY.contains(request.getMethod())) {
            request.putHeader("Content-Length", "0");
        }
        headSent = true;
        request.end();
    }

    private void continueReading() {
        Buffer next = beyond;
        beyond = null;
        if (next != null) {
            chunk(next);
        }
        resume();
    }

    private void resume() {
        if (beyond == null) {
            read();
        }
    }

    /** A caller who asks first whether the body is wanted is told so, once. */
    void ask(HttpServerResponse response) {
        if (!asked && from.version() != HttpVersion.HTTP_1_0 && from.headers().contains("expect")) {
            asked = true;
            response.writeContinue();
        }
    }

    /** The other side will read all of it. */
    void goOn() {
        bounded = false;
        continueReading();
    }

    /** The other side does not take it any more. */
    void detach() {
        to = null;
        if (!complete) {
            pause();
        }
    }

    /** Nobody wants it. */
    void discard() {
        to = null;
        lost = true;
        kept.clear();
        beyond = null;
        bounded = false;
        read();
    }

    /** Nobody waits for the rest of it either. */
    void cutOff() {
        cutOff(from);
    }

    /** Nothing more is read of it, nor of what follows on its connection. */
    static void cutOff(HttpServerRequest from) {
        if (from.version() == HttpVersion.HTTP_2) {
            from.response().reset(NO_ERROR);
        } else {
            from.connection().close();
        }
    }

    private void chunk(Buffer chunk) {
        if (chunk.length() == 0) {
            return; // an upgrade to HTTP/2 makes such ones
        }
        lastPiece = System.nanoTime();
        if (keeps && !lost && keptBytes + chunk.length() <= limit) {
            kept.add(chunk);
            keptBytes += chunk.length();
        } else if (keeps && bounded) {
            beyond = chunk;
            pause();
            return;
        } else {
            lost = true;
            kept.clear();
        }
        HttpClientRequest sink = to;
        if (sink != null) {
            write(sink, chunk);
            if (sink.writeQueueFull()) {
                pause();
            }
        }
    }

    private void end() {
        complete = true;
        lastPiece = System.nanoTime();
        HttpClientRequest sink = to;
        if (sink != null) {
            finish(sink);
        }
    }
}
