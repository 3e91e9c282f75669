// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Answers of Kubernetes that count for a few seconds. Thread-safe. */
final class Kept<K, V> {
    private static final Duration FOR = Duration.ofSeconds(10);
    private static final int MOST = 10_000;

    private final Map<K, Answer<V>> answers = new ConcurrentHashMap<>();
    private final Map<K, CompletableFuture<V>> asking = new ConcurrentHashMap<>();

    private record Answer<V>(V value, long until) {
        boolean isOld() {
            return System.nanoTime() - until >= 0;
        }
    }

    /**
     * The answer that is kept, or else a new one: however many want it at once, it is asked for once.
     *
     * @param lasts whether an answer is kept
     */
    V get(K question, Supplier<V> ask, Predicate<V> lasts) {
        Answer<V> known = answers.get(question);
        if (known != null && !known.isOld()) {
            return known.value();
        }
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> other = asking.putIfAbsent(question, mine);
        return other == null ? ask(question, ask, lasts, mine) : other.join();
    }

    private V ask(K question, Supplier<V> ask, Predicate<V> lasts, CompletableFuture<V> waiting) {
        try {
            V answer = ask.get();
            if (lasts.test(answer)) {
                makeRoom();
                answers.put(question, new Answer<>(answer, System.nanoTime() + FOR.toNanos()));
            }
            waiting.complete(answer);
            return answer;
        } catch (RuntimeException e) {
            waiting.completeExceptionally(e);
            throw e;
        } finally {
            asking.remove(question, waiting);
        }
    }

    /** Somebody who tries many wrong tokens must not fill the memory. */
    private void makeRoom() {
        if (answers.size() >= MOST) {
            answers.values().removeIf(Answer::isOld);
            if (answers.size() >= MOST) {
                answers.clear();
            }
        }
    }
}
