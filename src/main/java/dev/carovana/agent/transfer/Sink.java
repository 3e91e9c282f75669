// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of one file go, in order. */
public interface Sink {
    void write(ByteBuffer bytes) throws IOException;

    /** Everything was written and its digest is right. */
    void finish() throws IOException;

    /** The rest will not come. */
    void abort();
}
