// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SightingsTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

    private final Sightings sightings = new Sightings(Duration.ofSeconds(2));

    @Test
    void theLastOneCounts() {
        sightings.add("functions/cart-1", START);
        sightings.add("functions/cart-1", START.plusSeconds(1));

        assertThat(sightings.last("functions/cart-1")).isEqualTo(START.plusSeconds(1));
        assertThat(sightings.last("functions/cart-2")).isNull();
    }

    @Test
    void thoseThatMakeNothingWaitAnyMoreAreForgotten() {
        sightings.add("functions/cart-1", START);
        sightings.add("functions/cart-2", START.plusSeconds(1));
        sightings.add("functions/cart-3", START.plusSeconds(2));

        assertThat(sightings.last("functions/cart-1")).isNull();
        assertThat(sightings.last("functions/cart-2")).isEqualTo(START.plusSeconds(1));
    }
}
