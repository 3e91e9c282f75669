// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Sink;
import dev.carovana.agent.transfer.TransferServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A destination that answers what the test wants. */
final class FakeDestination implements TransferServer.Receiver {
    final AtomicInteger questions = new AtomicInteger();
    final AtomicInteger ends = new AtomicInteger();
    final AtomicInteger cancels = new AtomicInteger();
    final List<Messages.Open> opened = new CopyOnWriteArrayList<>();

    volatile Standing welcome = at(DestinationStep.RECEIVING);
    volatile Standing received = at(DestinationStep.RECEIVED);
    volatile Standing outcome = at(DestinationStep.RESTORED);
    /** To who only asks. */
    volatile Standing answer = at(DestinationStep.RESTORED);

    /** What the last who wants to send has said of them. */
    volatile Map<String, List<String>> mounted = Map.of();

    volatile Messages.@Nullable Claims claims;

    volatile boolean knowsNothing;
    volatile boolean full;
    volatile Runnable whenReceived = () -> {};
    volatile Runnable whenEnded = () -> {};

    static Standing at(DestinationStep step) {
        return new Standing(step, step + "Reason", "the message of " + step, 0, Map.of());
    }

    @Override
    public TransferServer.Session open(String site, Messages.Hello hello) throws RefusedException {
        if (hello.transfer()) {
            mounted = Objects.requireNonNull(hello.files());
            claims = hello.claims();
        } else {
            questions.incrementAndGet();
        }
        if (knowsNothing) {
            throw new RefusedException(RefusedException.UNKNOWN_MIGRATION, "never heard of it");
        }
        return new Session(hello.transfer() ? welcome : answer);
    }

    private final class Session implements TransferServer.Session {
        private volatile Standing standing;

        private Session(Standing standing) {
            this.standing = standing;
        }

        @Override
        public Standing standing() {
            return standing;
        }

        @Override
        public Sink file(Messages.Open open) {
            opened.add(open);
            return new Nowhere();
        }

        @Override
        public void received() {
            whenReceived.run();
            standing = received;
        }

        @Override
        public Standing end(Messages.End measured) {
            ends.incrementAndGet();
            whenEnded.run();
            return outcome;
        }

        @Override
        public Standing cancel() {
            cancels.incrementAndGet();
            return at(DestinationStep.CLEANED);
        }

        @Override
        public void cut(String why) {
            standing = at(DestinationStep.CLEANED);
        }
    }

    private final class Nowhere implements Sink {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
            if (full) {
                throw new IOException("no room left");
            }
        }

        @Override
        public void finish() {
            // nothing is kept
        }

        @Override
        public void abandon() {
            // nothing was kept
        }
    }
}
