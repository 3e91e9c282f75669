// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeenEventsTest {
    private final SeenEvents seen = new SeenEvents();

    @Test
    void claimsOnce() {
        assertThat(seen.claim("a")).isTrue();
        assertThat(seen.claim("a")).isFalse();
        seen.forget("a");
        assertThat(seen.claim("a")).isTrue();
    }

    @Test
    void forgetsTheOldest() {
        IntStream.rangeClosed(0, 10_000).forEach(i -> seen.claim("event " + i));

        assertThat(seen.claim("event 10000")).isFalse();
        assertThat(seen.claim("event 0")).isTrue();
    }
}
