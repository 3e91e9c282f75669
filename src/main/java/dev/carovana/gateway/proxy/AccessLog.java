// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.proxy.CallBook.Ended;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** One line for each call, written by a thread of its own. When it cannot follow, lines are left out and counted. */
public final class AccessLog implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("dev.carovana.access");
    private static final int MOST_WAITING = 8192;

    private final BlockingQueue<Ended> queue = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong left = new AtomicLong();
    private final boolean enabled;
    private final Thread writer = new Thread(this::run, "access-log");

    public AccessLog(boolean enabled) {
        this.enabled = enabled && LOG.isInfoEnabled();
        writer.setDaemon(true);
        if (this.enabled) {
            writer.start();
        }
    }

    void write(Ended call) {
        if (enabled && !queue.offer(call)) {
            left.incrementAndGet();
        }
    }

    private void run() {
        try {
            while (true) {
                LOG.info(line(queue.take()));
                long lines = left.getAndSet(0);
                if (lines > 0) {
                    LOG.warnf("%d calls have no line", lines);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    static String line(Ended call) {
        return new JsonObject()
                .put("method", call.method())
                .put("function", call.function())
                .put("path", call.path())
                .put("address", call.address())
                .put("status", call.status())
                .put("site", call.site())
                .put("epoch", call.epoch())
                .put("ms", millis(call.nanos()))
                .put("held_ms", millis(call.waited()))
                .put("bytes", call.bytes())
                .encode();
    }

    /** To the microsecond. */
    private static double millis(long nanos) {
        return Math.rint(nanos / 1e3) / 1e3;
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
