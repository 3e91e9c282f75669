// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class KeptTest {
    private final Kept<String, Boolean> kept = new Kept<>();
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void anAnswerIsKept() {
        assertThat(kept.get("may ann?", this::yes, yes -> yes)).isTrue();
        assertThat(kept.get("may ann?", this::yes, yes -> yes)).isTrue();

        assertThat(asked).hasValue(1);
    }

    @Test
    void anAnswerThatDoesNotLastIsAskedForAgain() {
        assertThat(kept.get("may ann?", this::no, yes -> yes)).isFalse();
        assertThat(kept.get("may ann?", this::yes, yes -> yes)).isTrue();

        assertThat(asked).hasValue(2);
    }

    @Test
    void manyWhoWantItAtOnceAskOnce() {
        int many = 50;
        CountDownLatch all = new CountDownLatch(many);
        List<CompletableFuture<Boolean>> answers = Stream.generate(() -> CompletableFuture.supplyAsync(
                        () -> {
                            all.countDown();
                            return kept.get("may ann?", () -> slowYes(all), yes -> yes);
                        },
                        task -> Thread.ofVirtual().start(task)))
                .limit(many)
                .toList();

        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isTrue());
        assertThat(asked).hasValue(1);
    }

    @Test
    void aQuestionThatFailsIsAskedAgain() {
        assertThatThrownBy(() -> kept.get(
                        "may ann?",
                        () -> {
                            throw new IllegalStateException("nobody answers");
                        },
                        yes -> yes))
                .hasMessage("nobody answers");

        assertThat(kept.get("may ann?", this::yes, yes -> yes)).isTrue();
    }

    private boolean yes() {
        asked.incrementAndGet();
        return true;
    }

    private boolean no() {
        asked.incrementAndGet();
        return false;
    }

    private boolean slowYes(CountDownLatch all) {
        try {
            all.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return yes();
    }
}
