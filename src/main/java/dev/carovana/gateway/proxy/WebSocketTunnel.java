// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/** A call that has become a connection of its own: bytes go both ways until one side ends. */
final class WebSocketTunnel {
    /** FIN and close, two bytes: 1012, "service restart". */
    private static final Buffer CLOSE = Buffer.buffer(new byte[] {(byte) 0x88, 2, 0x03, (byte) 0xf4});

    /** How long the caller may take to answer it. */
    private static final long PATIENCE_MILLIS = 500;

    private final HttpServerRequest request;
    private final NetSocket function;
    private final Runnable done;
    private final FrameTracker frames = new FrameTracker();
    private final boolean webSocket;
    private @Nullable NetSocket caller;
    private boolean ending;
    private boolean closeSent;
    private boolean over;

    /** @param done is run once, when both sides are closed */
    WebSocketTunnel(HttpServerRequest request, NetSocket function, Runnable done) {
        this.request = request;
        this.function = function;
        this.done = done;
        this.webSocket = "websocket".equalsIgnoreCase(request.getHeader("upgrade"));
    }

    void start() {
        function.pause();
        request.resume();
        request.toNetSocket().onComplete(socket -> {
            if (socket.succeeded()) {
                join(socket.result());
            } else {
                end();
            }
        });
    }

    private void join(NetSocket socket) {
        caller = socket;
        socket.closeHandler(closed -> end());
        function.closeHandler(closed -> end());
        socket.exceptionHandler(failure -> end());
        function.exceptionHandler(failure -> end());
        socket.handler(chunk -> pass(chunk, socket, function));
        function.handler(chunk -> answer(chunk, socket));
        socket.drainHandler(drained -> function.resume());
        function.drainHandler(drained -> socket.resume());
        socket.resume();
        function.resume();
        if (ending) {
            close(socket);
        }
    }

    private static void pass(Buffer chunk, NetSocket from, NetSocket to) {
        to.write(chunk);
        if (to.writeQueueFull()) {
            from.pause();
        }
    }

    private void answer(Buffer chunk, NetSocket socket) {
        if (closeSent) {
            return; // the caller reads nothing more
        }
        if (!webSocket) {
            pass(chunk, function, socket);
            return;
        }
        int passed = frames.pass(chunk, ending);
        pass(passed == chunk.length() ? chunk : chunk.slice(0, passed), function, socket);
        if (ending && frames.isBetweenFrames()) {
            close(socket);
        }
    }

    /** As a server that is restarted does it: clients then connect again. */
    void endForRestart() {
        if (ending) {
            return;
        }
        ending = true;
        if (!webSocket) {
            end();
            return;
        }
        Vertx.currentContext().owner().setTimer(PATIENCE_MILLIS, late -> end());
        if (caller != null && frames.isBetweenFrames()) {
            close(caller);
        }
    }

    /** The caller answers with a close frame, which the function sees, and closes. */
    private void close(NetSocket socket) {
        if (!closeSent && webSocket) {
            closeSent = true;
            socket.write(CLOSE);
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        function.end();
        if (caller != null) {
            caller.end();
        }
        done.run();
    }
}
