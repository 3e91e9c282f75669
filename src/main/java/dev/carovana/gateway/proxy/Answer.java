// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** An answer on its way back. */
final class Answer {
    /** If it is not over by then and nobody knows how long it is, it is a stream. */
    private static final long STREAM_AFTER_MILLIS = 1000;
    /** HTTP/2. */
    private static final long INTERNAL_ERROR = 2;
    /** gRPC: clients may try again. */
    private static final String UNAVAILABLE = "14";

    private final HttpClientResponse from;
    private final HttpServerResponse to;
    private final HttpConnection connection;
    private final boolean old;
    private final Runnable done;
    private final Runnable lasts;
    private boolean ended;
    private long bytes;

    /**
     * @param done is run when the last of it is about to be written
     * @param lasts is run when it has turned out to be a stream
     */
    Answer(HttpClientResponse from, HttpServerRequest request, Runnable done, Runnable lasts) {
        this.from = from;
        this.to = request.response();
        this.connection = request.connection();
        this.old = request.version() == HttpVersion.HTTP_1_0;
        this.done = done;
        this.lasts = lasts;
    }

    /** The head is in {@link HttpServerResponse} already, but for its frame. */
    void start(Context context) {
        from.handler(this::chunk);
        from.endHandler(end -> end());
        to.drainHandler(drained -> from.resume());
        if (old) {
            to.headersEndHandler(end -> sayEnd());
        }
        if (!saysLength()) {
            // an end that follows at once needs no chunks; else the caller shall have the head before the first chunk
            context.runOnContext(later -> sendHead(context));
        }
    }

    long bytes() {
        return bytes;
    }

    /** HTTP/1.0 has no chunks: without a length, an answer ends with its connection. */
    private void sayEnd() {
        if (!saysLength()) {
            to.headers().set("Connection", "close");
        }
    }

    private void endAll() {
        Future<Void> written = to.end();
        if (old && !saysLength()) {
            written.onComplete(sent -> connection.close());
        }
    }

    private boolean saysLength() {
        return to.headers().contains("content-length");
    }

    private void sendHead(Context context) {
        if (ended || to.closed()) {
            return;
        }
        if (!to.headWritten()) {
            to.setChunked(true);
            to.writeHead();
        }
        if (AnswerHead.isEvents(from)) {
            lasts.run();
        } else {
            context.owner().setTimer(STREAM_AFTER_MILLIS, late -> stillOpen());
        }
    }

    private void stillOpen() {
        if (!ended) {
            lasts.run();
        }
    }

    private void chunk(Buffer chunk) {
        if (ended) {
            return;
        }
        if (!to.headWritten() && !saysLength()) {
            to.setChunked(true);
        }
        bytes += chunk.length();
        to.write(chunk);
        if (to.writeQueueFull()) {
            from.pause();
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        if (!from.trailers().isEmpty()) {
            if (!to.headWritten() && !saysLength()) {
                to.setChunked(true);
            }
            HeaderRules.copyTrailers(from.trailers(), to.trailers());
        }
        done.run(); // before the caller's stream closes, which looks like a caller who goes away
        endAll();
    }

    /** Before the function's end. Callers who would take what they have for the whole see that it is not. */
    void endEarly() {
        if (ended) {
            return;
        }
        ended = true;
        if (AnswerHead.isGrpc(from)) {
            to.trailers().set("grpc-status", UNAVAILABLE).set("grpc-message", "the instance moves");
            endAll();
        } else if (AnswerHead.isEvents(from)) {
            endAll();
        } else {
            to.reset(INTERNAL_ERROR);
        }
    }

    /** Nothing more is taken from the function. */
    void abandon() {
        ended = true;
    }
}
