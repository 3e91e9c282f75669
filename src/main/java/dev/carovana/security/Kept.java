// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Answers of Kubernetes that count for a few seconds. Thread-safe. */
final class Kept<K, V> {
    private static final Duration FOR = Duration.ofSeconds(10);
    private static final int MOST = 10_000;

    private final Map<K, Answer<V>> answers = new ConcurrentHashMap<>();

    private record Answer<V>(V value, long until) {
        boolean isOld() {
            return System.nanoTime() - until >= 0;
        }
    }

    Optional<V> find(K question) {
        return Optional.ofNullable(answers.get(question))
                .filter(answer -> !answer.isOld())
                .map(Answer::value);
    }

    void keep(K question, V answer) {
        makeRoom();
        answers.put(question, new Answer<>(answer, System.nanoTime() + FOR.toNanos()));
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
