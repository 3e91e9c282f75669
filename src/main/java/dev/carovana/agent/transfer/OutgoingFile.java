// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Close;
import dev.carovana.agent.transfer.Messages.Open;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/** A file on its way. One thread only. */
public final class OutgoingFile {
    /** Most bytes of a piece; a whole number of memory pages. */
    public static final int PIECE = Chunk.SIZE;

    private final FrameOutput out;
    private final Open open;
    private final LongConsumer sent;
    private final ChunkMaker chunks = new ChunkMaker();
    private final CRC32C digest = new CRC32C();
    private long size;

    OutgoingFile(FrameOutput out, Open open, LongConsumer sent) throws IOException {
        this.out = out;
        this.open = open;
        this.sent = sent;
        out.write(FrameType.OPEN, open);
    }

    /** The next bytes, at most {@link #PIECE}. */
    public void data(byte[] raw, int offset, int length) throws IOException {
        digest.update(raw, offset, length);
        out.data(open.id(), size, chunks.make(raw, offset, length));
        size += length;
    }

    /**
     * The next bytes, which the destination has already.
     *
     * @param from where they are in the memory that was sent ahead
     */
    public void copy(byte[] raw, int offset, int length, long from) throws IOException {
        digest.update(raw, offset, length);
        out.copy(open.id(), size, from, length);
        size += length;
    }

    public void stream(InputStream in) throws IOException {
        byte[] buffer = new byte[PIECE];
        while (true) {
            int length = in.readNBytes(buffer, 0, buffer.length);
            if (length == 0) {
                return;
            }
            data(buffer, 0, length);
        }
    }

    public long finish() throws IOException {
        out.write(FrameType.CLOSE, new Close(open.id(), size, (int) digest.getValue()));
        sent.accept(size);
        return size;
    }
}
