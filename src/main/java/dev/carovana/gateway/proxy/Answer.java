// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;

/** An answer on its way back. */
final class Answer {
    private final HttpClientResponse from;
    private final HttpServerResponse to;
    private final Runnable done;
    private boolean ended;
    private long bytes;

    /** @param done is run when the last of it is about to be written */
    Answer(HttpClientResponse from, HttpServerResponse to, Runnable done) {
        this.from = from;
        this.to = to;
        this.done = done;
    }

    /** The head is in {@link HttpServerResponse} already, but for its frame. */
    void start(Context context) {
        from.handler(this::chunk);
        from.endHandler(end -> end());
        to.drainHandler(drained -> from.resume());
        if (!saysLength()) {
            // an end that follows at once needs no chunks; else the caller shall have the head before the first chunk
            context.runOnContext(later -> sendHead());
        }
    }

    long bytes() {
        return bytes;
    }

    private boolean saysLength() {
        return to.headers().contains("content-length");
    }

    private void sendHead() {
        if (!ended && !to.headWritten() && !to.closed()) {
            to.setChunked(true);
            to.writeHead();
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
        to.end();
    }

    /** Before the function's end, but in a way that the caller takes for one. */
    void endEarly() {
        if (!ended) {
            ended = true;
            if (!to.headWritten() && !saysLength()) {
                to.setChunked(true);
            }
            to.end();
        }
    }

    /** Nothing more is taken from the function. */
    void abandon() {
        ended = true;
    }
}
