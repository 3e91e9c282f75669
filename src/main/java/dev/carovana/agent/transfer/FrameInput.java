// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Frames from a peer: length, type, body. One reader only. */
final class FrameInput {
    /** More than the largest chunk with its header. */
    static final int MAX_FRAME = 1 << 20;

    private final DataInputStream in;
    private byte[] buffer = new byte[64 << 10];

    FrameInput(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in, 64 << 10));
    }

    /** The next frame that is not a ping. */
    Frame next() throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.type() != FrameType.PING) {
                return frame;
            }
        }
    }

    private Frame read() throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MAX_FRAME) {
            throw new ProtocolException("frame of " + length + " bytes");
        }
        FrameType type = FrameType.of(in.readUnsignedByte());
        if (buffer.length < length) {
            buffer = new byte[MAX_FRAME];
        }
        in.readFully(buffer, 0, length - 1);
        return new Frame(type, ByteBuffer.wrap(buffer, 0, length - 1));
    }
}
