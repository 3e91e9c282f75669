// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.samples.readings.Window.Statistics;
import org.junit.jupiter.api.Test;

class ReadingsTest {
    private final Readings readings = new Readings();

    @Test
    void eachSensorHasItsOwnStatistics() {
        readings.add("pulse", 60);
        readings.add("pulse", 75);
        readings.add("pulse", 72);

        assertThat(readings.add("temperature", -3).sensors())
                .containsEntry("pulse", new Statistics(3, 72, 60, 75, 69))
                .containsEntry("temperature", new Statistics(1, -3, -3, -3, -3));
    }

    @Test
    void olderReadingsLeaveTheWindow() {
        readings.add("pulse", 1_000_000);
        for (int i = 0; i < Readings.WINDOW; i++) {
            readings.add("pulse", i % 2);
        }

        assertThat(readings.state().sensors()).containsEntry("pulse", new Statistics(Readings.WINDOW, 1, 0, 1, 0.5));
    }

    @Test
    void theHashIsWhatTheRuleOfTheLedgerGives() {
        readings.add("pulse", 72);

        assertThat(readings.add("skin.temp", -5).chain())
                .isEqualTo(new Chain(2, "486cd3b998ffa004879ec80b78df8c94633fee0b821e228f7e16247042e2661c"));
    }

    @Test
    void wrongReadingsAreRefusedAndChangeNothing() {
        for (int i = 0; i < Readings.MOST_SENSORS; i++) {
            readings.add("sensor-" + i, i);
        }
        var before = readings.state();

        assertThatThrownBy(() -> readings.add("my pulse", 1)).hasMessageContaining("not 'my pulse'");
        assertThatThrownBy(() -> readings.add("sensor-1", 2_000_000_000)).hasMessageContaining("not 2000000000");
        assertThatThrownBy(() -> readings.add("one-more", 1)).hasMessageContaining("not 'one-more'");
        assertThat(readings.state()).isEqualTo(before);
    }
}
