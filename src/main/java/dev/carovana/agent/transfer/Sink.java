// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where one file goes. Bytes come in order. */
public interface Sink {
    void write(ByteBuffer bytes) throws IOException;

    /** All is there: makes sure of it. */
    void finish() throws IOException;

    /** The rest will not come. */
    void abandon();
}
