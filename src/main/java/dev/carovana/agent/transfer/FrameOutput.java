// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Frames to a peer. Several threads may write; a frame is never torn. */
final class FrameOutput {
    private final DataOutputStream out;
    private final RateLimit limit;
    private final Gain gain = new Gain();
    private long bytes;

    FrameOutput(OutputStream out, RateLimit limit) {
        this.out = new DataOutputStream(new BufferedOutputStream(out, 16 << 10));
        this.limit = limit;
    }

    /** Writes a frame that a person could read, and everything before it, at once. */
    void send(FrameType type, Object message) throws IOException {
        write(type, message);
        flush();
    }

    /** As {@link #send}, but may stay in the buffer until more follows. */
    synchronized void write(FrameType type, Object message) throws IOException {
        byte[] body = Frame.JSON.writeValueAsBytes(message);
        begin(type, body.length);
        out.write(body);
    }

    /** Whether compressing pays here. */
    Gain gain() {
        return gain;
    }

    synchronized void data(int file, long offset, Chunk chunk) throws IOException {
        long begin = System.nanoTime();
        begin(FrameType.DATA, Chunk.HEADER + chunk.length());
        out.writeInt(file);
        out.writeLong(offset);
        out.writeInt(chunk.rawLength());
        out.writeInt(chunk.digest());
        out.writeBoolean(chunk.compressed());
        out.write(chunk.bytes(), 0, chunk.length());
        gain.sent(chunk.length(), System.nanoTime() - begin);
    }

    private void begin(FrameType type, int length) throws IOException {
        limit.acquire(length);
        bytes += Integer.BYTES + 1 + length;
        out.writeInt(length + 1);
        out.writeByte(type.code());
    }

    synchronized void flush() throws IOException {
        out.flush();
    }

    synchronized long bytes() {
        return bytes;
    }
}
