// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventsTest {
    @ParameterizedTest
    @CsvSource({
        "2026-11-24T10:00:00Z, 2026-11-24T10:00:00.000000Z",
        "2026-11-24T10:00:00.384Z, 2026-11-24T10:00:00.384000Z",
        "2026-11-24T10:00:00.123456789Z, 2026-11-24T10:00:00.123456Z",
    })
    void theTimeHasMicrosecondsEvenWhenTheyAreZero(Instant time, String text) {
        assertThat(Events.micro(time).getTime()).isEqualTo(text);
    }
}
