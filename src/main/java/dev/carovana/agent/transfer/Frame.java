// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One frame as it arrived; the bytes are valid until the next is read. */
record Frame(FrameType type, ByteBuffer body) {
    static final ObjectMapper JSON = new ObjectMapper();

    <T> T json(Class<T> kind) throws IOException {
        return JSON.readValue(body.array(), body.arrayOffset() + body.position(), body.remaining(), kind);
    }

    Frame expect(FrameType wanted) throws ProtocolException {
        if (type != wanted) {
            throw new ProtocolException("frame " + type + " where " + wanted + " was expected");
        }
        return this;
    }
}
