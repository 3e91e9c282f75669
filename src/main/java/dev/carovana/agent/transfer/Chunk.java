// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A piece of a file on its way. TLS keeps an attacker from changing it; the digest finds our own mistakes and bad memory,
 * so the one that costs nothing is enough: CRC32C, an instruction of every CPU.
 *
 * @param bytes compressed or as they are; only the first {@code length} count
 * @param digest CRC32C of the bytes as they are
 */
record Chunk(byte[] bytes, int length, int rawLength, boolean compressed, int digest) {
    /** Most bytes of a file in one chunk. */
    static final int SIZE = 256 << 10;
    /** File, offset, length, digest, whether compressed. */
    static final int HEADER = Integer.BYTES + Long.BYTES + Integer.BYTES + Integer.BYTES + 1;

    static int digest(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** What the sender says of a chunk in a frame after file and offset. */
    static int digest(ByteBuffer body) {
        return body.getInt(body.position() + Integer.BYTES);
    }

    /** Reads a chunk's bytes from a frame after file and offset, and makes sure they are what was sent. */
    static ByteBuffer unpack(ByteBuffer body, byte[] scratch) throws IOException {
        int rawLength = body.getInt();
        int digest = body.getInt();
        boolean compressed = body.get() != 0;
        if (rawLength < 0 || rawLength > SIZE) {
            throw new ProtocolException("chunk of " + rawLength + " bytes");
        }
        ByteBuffer raw = compressed ? inflate(body, scratch, rawLength) : body.slice();
        if (raw.remaining() != rawLength) {
            throw new ProtocolException("chunk of " + raw.remaining() + " bytes, " + rawLength + " were announced");
        }
        if (digest(raw.array(), raw.arrayOffset() + raw.position(), rawLength) != digest) {
            throw new ProtocolException("a chunk's digest is wrong");
        }
        return raw;
    }

    private static ByteBuffer inflate(ByteBuffer body, byte[] scratch, int rawLength) throws IOException {
        try {
            long length = Zstd.decompressByteArray(
                    scratch, 0, rawLength, body.array(), body.arrayOffset() + body.position(), body.remaining());
            if (Zstd.isError(length)) {
                throw new ProtocolException("a chunk cannot be decompressed: " + Zstd.getErrorName(length));
            }
            return ByteBuffer.wrap(scratch, 0, (int) length);
        } catch (ZstdException e) {
            throw new ProtocolException("a chunk cannot be decompressed: " + e.getMessage());
        }
    }
}
