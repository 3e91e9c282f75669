// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import com.github.luben.zstd.Zstd;

/** Makes the chunks of one file, and gives up compressing what does not get smaller. One thread only. */
final class ChunkMaker {
    private static final int LEVEL = 1;
    /** After a chunk that did not get smaller, this many are sent as they are. */
    private static final int PATIENCE = 8;

    private final byte[] packed = new byte[(int) Zstd.compressBound(Chunk.SIZE)];
    private int skip;

    /** The chunk is valid until the next is made. */
    Chunk make(byte[] raw, int offset, int length) {
        int digest = Chunk.digest(raw, offset, length);
        if (skip > 0) {
            skip--;
        } else {
            long size = Zstd.compressByteArray(packed, 0, packed.length, raw, offset, length, LEVEL);
            if (!Zstd.isError(size) && size < length - length / 8) {
                return new Chunk(packed, (int) size, length, true, digest);
            }
            skip = PATIENCE;
        }
        return plain(raw, offset, length, digest);
    }

    private Chunk plain(byte[] raw, int offset, int length, int digest) {
        if (offset == 0) {
            return new Chunk(raw, length, length, false, digest);
        }
        System.arraycopy(raw, offset, packed, 0, length);
        return new Chunk(packed, length, length, false, digest);
    }
}
