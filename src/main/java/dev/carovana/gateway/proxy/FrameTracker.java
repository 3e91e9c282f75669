// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.buffer.Buffer;

/** Knows where WebSocket's frames (RFC 6455) end in a stream of bytes. */
final class FrameTracker {
    private final byte[] head = new byte[14];
    private int headLength;
    private long payload;

    boolean isBetweenFrames() {
        return headLength == 0;
    }

    /**
     * Goes on over the chunk, and stops where a frame ends if that is asked for.
     *
     * @return how many bytes were passed
     */
    int pass(Buffer chunk, boolean stopAfterFrame) {
        int at = 0;
        while (at < chunk.length()) {
            if (headLength == 0 || headLength < headSize()) {
                head[headLength++] = chunk.getByte(at++);
                payload = headLength == headSize() ? payloadSize() : 0;
            } else {
                int step = (int) Math.min(payload, chunk.length() - at);
                payload -= step;
                at += step;
            }
            if (headLength > 1 && headLength == headSize() && payload == 0) {
                headLength = 0;
                if (stopAfterFrame) {
                    return at;
                }
            }
        }
        return at;
    }

    private int headSize() {
        if (headLength < 2) {
            return 2;
        }
        int length = head[1] & 0x7f;
        int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        int mask = (head[1] & 0x80) == 0 ? 0 : 4;
        return 2 + extended + mask;
    }

    private long payloadSize() {
        int length = head[1] & 0x7f;
        if (length < 126) {
            return length;
        }
        long size = 0;
        for (int i = 2; i < (length == 126 ? 4 : 10); i++) {
            size = (size << 8) | (head[i] & 0xff);
        }
        return size;
    }
}
