// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.Gateways.Id;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CallReportersTest {
    private static final Instant T = Instant.parse("2026-11-24T10:00:00Z");
    private static final Id ONE = new Id("edge-a", "one");
    private static final Id TWO = new Id("edge-a", "two");

    private final CallReporters reporters = new CallReporters();

    @Test
    void aGatewayThatIsAwayMayPassCallsOn() {
        reporters.reported(ONE, T);
        reporters.gone(ONE, T.plusSeconds(10));
        reporters.gone(TWO, T.plusSeconds(5));

        assertThat(reporters.heardSince("edge-a", T)).isEqualTo(T.plusSeconds(10));
        assertThat(reporters.heardSince("edge-b", T)).isEqualTo(T);
        assertThat(reporters.heardSince("edge-a", T.plusSeconds(60))).isEqualTo(T.plusSeconds(60));
    }

    @Test
    void whenItIsBackItsFirstReportTellsWhatItHasCounted() {
        reporters.gone(ONE, T.plusSeconds(10));
        reporters.reported(ONE, T.plusSeconds(20));

        assertThat(reporters.heardSince("edge-a", T)).isEqualTo(T);
    }

    @Test
    void aReportTellsOfTheCallsBefore() {
        reporters.reported(ONE, T);

        assertThat(reporters.hasReported(ONE, T.minusSeconds(1))).isTrue();
        assertThat(reporters.hasReported(ONE, T)).isFalse();
        assertThat(reporters.hasReported(TWO, T)).isFalse();
    }

    @Test
    void whoHasGoneHasNotReported() {
        reporters.reported(ONE, T);
        reporters.gone(ONE, T);

        assertThat(reporters.hasReported(ONE, T.minusSeconds(1))).isFalse();
    }

    @Test
    void oneThatDoesNotComeBackIsForgotten() {
        reporters.gone(ONE, T);
        reporters.gone(TWO, T.plus(Duration.ofDays(2)));

        assertThat(reporters.heardSince("edge-a", Instant.MIN)).isEqualTo(T.plus(Duration.ofDays(2)));
        reporters.reported(TWO, T.plus(Duration.ofDays(2)));
        assertThat(reporters.heardSince("edge-a", Instant.MIN)).isEqualTo(Instant.MIN);
    }
}
