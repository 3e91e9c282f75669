// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import com.github.luben.zstd.Zstd;

/** Makes the chunks of one file, compressed where that pays. One thread only. */
final class ChunkMaker {
    private static final int LEVEL = 1;
    /** After a chunk that did not get smaller, this many are sent as they are. */
    private static final int PATIENCE = 8;

    private final Gain gain;
    private byte[] packed = {};
    private int skip;

    ChunkMaker(Gain gain) {
        this.gain = gain;
    }

    /** The chunk is valid until the next is made. */
    Chunk make(byte[] raw, int length) {
        int digest = Chunk.digest(raw, 0, length);
        if (skip > 0) {
            skip--;
        } else if (gain.isWorthIt()) {
            long size = compress(raw, length);
            if (!Zstd.isError(size) && size < length - length / 8) {
                return new Chunk(packed, (int) size, length, true, digest);
            }
            skip = PATIENCE;
        }
        return new Chunk(raw, length, length, false, digest);
    }

    /** Into {@link #packed}; what zstd says of it. */
    long compress(byte[] raw, int length) {
        if (packed.length == 0) {
            packed = new byte[(int) Zstd.compressBound(Chunk.SIZE)];
        }
        long begin = System.nanoTime();
        long size = Zstd.compressByteArray(packed, 0, packed.length, raw, 0, length, LEVEL);
        gain.compressed(length, System.nanoTime() - begin, Zstd.isError(size) ? length : size);
        return size;
    }
}
