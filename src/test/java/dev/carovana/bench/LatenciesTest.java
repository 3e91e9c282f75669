// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private final Latencies latencies = new Latencies();

    @Test
    void aPercentileIsTheSmallestValueThatSoManyAreNotAbove() {
        LongStream.rangeClosed(1, 200).map(n -> 201 - n).forEach(n -> latencies.add(n * 1_000_000));

        assertThat(latencies.millis(50)).isEqualTo(100);
        assertThat(latencies.millis(99)).isEqualTo(198);
        assertThat(latencies.millis(100)).isEqualTo(200);
    }

    @Test
    void oneValueIsAllPercentiles() {
        latencies.add(2_500_000);

        assertThat(latencies.millis(1)).isEqualTo(2.5);
        assertThat(latencies.millis(99)).isEqualTo(2.5);
    }

    @Test
    void nothingHasNoPercentile() {
        assertThatThrownBy(() -> latencies.millis(50)).hasMessage("nothing was measured");
    }
}
