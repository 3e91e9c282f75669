// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The digest of a file: of the digests of its chunks, so that no byte is read twice. */
final class FileDigest {
    private final CRC32C digests = new CRC32C();

    /** @param digest of the next chunk */
    void add(int digest) {
        digests.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, digest));
    }

    int value() {
        return (int) digests.getValue();
    }
}
