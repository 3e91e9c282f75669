// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A user who updates a function, one call after another, while it moves. A call without an answer may or may not have
 * been executed: the user reads the function's count to learn which, as there is no gateway in between.
 */
final class CountingUser implements AutoCloseable {
    /** What the user adds. */
    static final String THING = "thing";

    private final Counting function;
    private final Thread thread;
    private final List<String> problems = new ArrayList<>();
    private volatile boolean stop;
    private volatile long sequence;
    private final String process;

    CountingUser(String instance) throws IOException, InterruptedException {
        this(instance, new Cart(instance));
    }

    CountingUser(String instance, Counting function) throws IOException, InterruptedException {
        this.function = function;
        Counting.Count first = function.get();
        sequence = first.sequence();
        process = first.process();
        thread = Thread.ofVirtual().name("user of " + instance).start(this::use);
    }

    /** How many updates the function must have had. */
    long sequence() {
        return sequence;
    }

    /** Waits until so many more updates were answered. */
    void awaitCalls(int count) {
        long wanted = sequence + count;
        Awaiting.until("update " + wanted, () -> sequence >= wanted || !problems.isEmpty());
    }

    /** What was lost, doubled or started anew; empty when all is well. Ends the user. */
    List<String> stopAndGiveProblems() throws InterruptedException {
        stop = true;
        thread.join();
        return problems;
    }

    @Override
    public void close() throws InterruptedException {
        stopAndGiveProblems();
    }

    private void use() {
        while (!stop) {
            try {
                check(function.add(THING), sequence + 1);
            } catch (IOException e) {
                lookUntilAnswered();
            } catch (IllegalStateException e) {
                problems.add(e.getMessage());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void lookUntilAnswered() {
        while (!stop) {
            try {
                Counting.Count now = function.get();
                if (now.sequence() != sequence) {
                    check(now, sequence + 1);
                }
                return;
            } catch (IOException e) {
                continue; // still moving
            } catch (IllegalStateException e) {
                problems.add(e.getMessage());
            } catch (InterruptedException e) {
                stop = true;
            }
        }
    }

    private void check(Counting.Count answer, long wanted) {
        if (answer.sequence() != wanted) {
            problems.add("update " + wanted + " was expected, the function says " + answer.sequence());
        }
        if (!answer.process().equals(process)) {
            problems.add("after update " + wanted + " another process answers");
        }
        sequence = answer.sequence();
    }
}
