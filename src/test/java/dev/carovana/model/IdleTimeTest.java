// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class IdleTimeTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:10:00Z");
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    @Test
    void beginsWithTheLastCall() {
        assertThat(IdleTime.left("2026-11-24T10:03:00Z", TIMEOUT, NOW)).contains(Duration.ofMinutes(3));
        assertThat(IdleTime.left("2026-11-24T09:59:59Z", TIMEOUT, NOW)).contains(Duration.ofSeconds(-1));
    }

    @Test
    void isNotKnownUnlessSomebodySaysWhenTheLastCallWas() {
        assertThat(IdleTime.left(null, TIMEOUT, NOW)).isEmpty();
        assertThat(IdleTime.left("a while ago", TIMEOUT, NOW)).isEmpty();
    }

    @Test
    void isWrittenForwardsOnly() {
        assertThat(IdleTime.isLater(NOW, "2026-11-24T10:09:59Z")).isTrue();
        assertThat(IdleTime.isLater(NOW, "2026-11-24T10:10:00Z")).isFalse();
        assertThat(IdleTime.isLater(NOW, "2026-11-24T10:50:00Z")).isFalse();
        assertThat(IdleTime.isLater(NOW, null)).isTrue();
        assertThat(IdleTime.isLater(NOW, "a while ago")).isTrue();
    }
}
