// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.time.Duration;

/** Pings the peer, so that its read timeout tells a silent connection from a dead one. */
final class Heartbeat implements AutoCloseable {
    private final Thread thread;

    private Heartbeat(Thread thread) {
        this.thread = thread;
    }

    static Heartbeat start(FrameOutput out, Duration interval) {
        return new Heartbeat(Thread.ofVirtual().name("heartbeat").start(() -> beat(out, interval)));
    }

    private static void beat(FrameOutput out, Duration interval) {
        try {
            while (true) {
                Thread.sleep(interval);
                out.send(FrameType.PING, new Messages.Empty());
            }
        } catch (InterruptedException | IOException e) {
            // closed, or the connection is: whoever reads from it finds out
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
