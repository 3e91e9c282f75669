// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTrackerTest {
    private static Buffer frame(int payload, boolean masked) {
        Buffer frame = Buffer.buffer().appendByte((byte) 0x82);
        int mask = masked ? 0x80 : 0;
        if (payload < 126) {
            frame.appendByte((byte) (mask | payload));
        } else if (payload < 1 << 16) {
            frame.appendByte((byte) (mask | 126)).appendUnsignedShort(payload);
        } else {
            frame.appendByte((byte) (mask | 127)).appendLong(payload);
        }
        if (masked) {
            frame.appendInt(42);
        }
        return frame.appendBytes(new byte[payload]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000, 1 << 20})
    void framesEndWhereTheyEndHoweverTheBytesArrive(int chunk) {
        Buffer bytes = Buffer.buffer();
        int ends = 0;
        for (int payload : new int[] {0, 1, 125, 126, 200, 65_535, 65_536, 70_000}) {
            bytes.appendBuffer(frame(payload, payload % 2 == 0));
            ends++;
        }
        FrameTracker frames = new FrameTracker();
        int found = 0;
        int at = 0;
        while (at < bytes.length()) {
            Buffer next = bytes.slice(at, Math.min(bytes.length(), at + chunk));
            int passed = frames.pass(next, true);
            at += passed;
            found += frames.isBetweenFrames() ? 1 : 0;
        }

        assertThat(found).isEqualTo(ends);
    }
}
