// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Reads frames in a thread of its own, so that one is decrypted while the one before it is written to its file. */
final class ReadAhead implements AutoCloseable {
    private static final int FRAMES = 8;

    /** A frame, or why there are no more. */
    private record Arrival(@Nullable Frame frame, @Nullable Exception end) {}

    private final FrameInput in;
    private final BlockingQueue<Arrival> arrived = new ArrayBlockingQueue<>(FRAMES + 1);
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(FRAMES);
    private final Thread reader;
    private @Nullable Frame last;

    private ReadAhead(FrameInput in) {
        this.in = in;
        for (int i = 0; i < FRAMES; i++) {
            free.add(new byte[Chunk.HEADER + Chunk.SIZE]);
        }
        reader = Thread.ofPlatform().name("transfer-read").daemon().unstarted(this::read);
    }

    static ReadAhead start(FrameInput in) {
        ReadAhead ahead = new ReadAhead(in);
        ahead.reader.start();
        return ahead;
    }

    private void read() {
        try {
            while (true) {
                arrived.add(new Arrival(in.next(free.take()), null));
            }
        } catch (IOException | RuntimeException e) {
            arrived.add(new Arrival(null, e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** The next frame; the one before it is not valid any more. */
    Frame next() throws IOException {
        if (last != null) {
            free.add(last.body().array());
            last = null;
        }
        try {
            Arrival next = arrived.take();
            if (next.frame() == null) {
                throw next.end() instanceof IOException problem ? problem : new IOException(next.end());
            }
            last = next.frame();
            return last;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the source", e);
        }
    }

    @Override
    public void close() {
        reader.interrupt();
    }
}
