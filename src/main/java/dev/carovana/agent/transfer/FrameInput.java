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

    FrameInput(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in, 64 << 10));
    }

    /**
     * The next frame that is not a ping.
     *
     * @param buffer is used for the frame, if it is large enough
     */
    Frame next(byte[] buffer) throws IOException {
        while (true) {
            Frame frame = read(buffer);
            if (frame.type() != FrameType.PING) {
                return frame;
            }
        }
    }

    private Frame read(byte[] buffer) throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MAX_FRAME) {
            throw new ProtocolException("frame of " + length + " bytes");
        }
        FrameType type = FrameType.of(in.readUnsignedByte());
        byte[] body = buffer.length < length - 1 ? new byte[length - 1] : buffer;
        in.readFully(body, 0, length - 1);
        return new Frame(type, ByteBuffer.wrap(body, 0, length - 1));
    }
}
