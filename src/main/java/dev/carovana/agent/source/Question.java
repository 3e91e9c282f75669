// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.transfer.Messages.Standing;
import dev.carovana.agent.transfer.Upload;
import dev.carovana.link.v1.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What became of a migration after END, when the connection did not tell. Never settled by time alone (R5).
 *
 * @param connect to the destination, without sending anything
 * @param verdict what the destination told the hub, or an administrator decided
 */
record Question(Connector connect, Supplier<Verdict.@Nullable Kind> verdict) {
    private static final Logger LOG = Logger.getLogger(Question.class);
    private static final Duration ASK_AGAIN = Duration.ofMillis(250);

    /** A new connection to the destination. */
    interface Connector {
        Upload open() throws IOException;
    }

    /**
     * Asks until there is an answer. A destination that has not got END is told never to take it; only then may the source
     * go on (R3).
     *
     * @param doubt is run once, if there was no answer within the time
     */
    Standing ask(Duration doubtful, Runnable doubt) {
        long limit = System.nanoTime() + doubtful.toNanos();
        boolean told = false;
        while (true) {
            Optional<Standing> answer = decided(verdict.get()).or(this::askOnce);
            if (answer.isPresent()) {
                return answer.get();
            }
            if (!told && System.nanoTime() > limit) {
                told = true;
                doubt.run();
            }
            LockSupport.parkNanos(ASK_AGAIN.toNanos());
        }
    }

    static Optional<Standing> decided(Verdict.@Nullable Kind word) {
        if (word == Verdict.Kind.RESTORED) {
            return Optional.of(new Standing(DestinationStep.RESTORED, "", "", 0, Map.of()));
        }
        if (word == Verdict.Kind.NEVER_RESUMED) {
            return Optional.of(
                    new Standing(DestinationStep.NEVER_RESUMED, "NeverResumed", "the hub says so", 0, Map.of()));
        }
        return Optional.empty();
    }

    private Optional<Standing> askOnce() {
        try (Upload question = connect.open()) {
            Standing standing = question.standing();
            if (standing.step().beforeHandover()) {
                question.cancel();
                standing = question.standing();
            }
            return standing.step().isFinal() ? Optional.of(standing) : Optional.empty();
        } catch (IOException | RuntimeException | Error e) {
            LOG.debugf("no answer: %s", e.getMessage()); // whatever it is: who stops asking never learns
            return Optional.empty();
        }
    }
}
