// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Streams are not thread-safe, and may have ended when something is sent. */
final class Streams {
    private Streams() {}

    /** Does something with a stream, unless it has just ended: its own callback tells of that. */
    static <T> void on(StreamObserver<T> stream, Consumer<StreamObserver<T>> act) {
        synchronized (stream) {
            try {
                act.accept(stream);
            } catch (IllegalStateException | StatusRuntimeException e) {
                // ended
            }
        }
    }
}
