// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.transfer.Messages.Standing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.jboss.logging.Logger;

/**
 * Sends some megabytes from the agent to itself when it starts, into nothing. Until the JVM has loaded and compiled
 * the way of a chunk it is many times slower, and the first freeze would pay for it.
 */
public final class WarmUp implements TransferServer.Receiver, TransferServer.Session {
    private static final Logger LOG = Logger.getLogger(WarmUp.class);
    private static final int ROUNDS = 8;
    private static final int BYTES = 8 << 20;

    private static final class Nothing implements Sink {
        private long bytes;

        @Override
        public void write(ByteBuffer content) {
            bytes += content.remaining();
        }

        @Override
        public void finish() {
            LOG.tracef("%d bytes", bytes);
        }

        @Override
        public void abandon() {
            LOG.trace("abandoned");
        }
    }

    private WarmUp() {}

    /** @param site what the agent's own certificate says */
    public static void run(SSLContext tls, String site) {
        long begin = System.nanoTime();
        Duration stall = Duration.ofSeconds(10);
        try (TransferServer server = TransferServer.start(tls, 0, new WarmUp(), stall)) {
            byte[] memory = new byte[BYTES];
            new Random(1).nextBytes(memory);
            Arrays.fill(memory, 0, BYTES / 4, (byte) 0); // some of it compresses
            new ChunkMaker(new Gain()).compress(memory, Chunk.SIZE); // loads the library, since nothing is slow here
            for (int round = 0; round < ROUNDS; round++) {
                Messages.Hello hello = new Messages.Hello(1, "warm-up", "", true, "", Map.of());
                try (Upload upload = Upload.connect(tls, "127.0.0.1:" + server.port(), site, hello, 0, stall)) {
                    upload.standing();
                    upload.memory("", "", new ByteArrayInputStream(memory));
                    upload.done();
                    upload.standing();
                }
            }
        } catch (IOException e) {
            LOG.warnf("warm-up: %s", e.getMessage());
        }
        LOG.infof("warm after %d ms", (System.nanoTime() - begin) / 1_000_000);
    }

    @Override
    public TransferServer.Session open(String site, Messages.Hello hello) {
        return this;
    }

    @Override
    public Standing standing() {
        return new Standing(DestinationStep.RECEIVED, "", "", 0, Map.of());
    }

    @Override
    public Sink file(Messages.Open open) {
        return new Nothing();
    }

    @Override
    public void received() {}

    @Override
    public Standing end(Messages.End measured) {
        return standing();
    }

    @Override
    public Standing cancel() {
        return standing();
    }

    @Override
    public void cut(String why) {
        LOG.debugf("warm-up: %s", why);
    }
}
