// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where one file goes. Bytes come in order. */
public interface Sink {
    void write(ByteBuffer bytes) throws IOException;

    /**
     * A piece of the memory that was sent ahead of this file, valid until the next.
     *
     * @param from where it begins in what was sent
     * @param length at most 256 KiB
     */
    default ByteBuffer ahead(long from, int length) throws IOException {
        throw new ProtocolException("no memory was sent ahead of it");
    }

    /** All is there: makes sure of it. */
    void finish() throws IOException;

    /** The rest will not come. */
    void abandon();
}
