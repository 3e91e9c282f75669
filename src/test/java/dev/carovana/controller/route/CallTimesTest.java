// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.controller.route.CallTimes.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallTimesTest {
    private static final Instant T = Instant.parse("2026-11-24T10:00:00Z");
    private static final Key CART = new Key("functions", "cart-1");
    private static final Duration HOUR = Duration.ofHours(1);

    private final CallTimes times = new CallTimes();

    @Test
    void theFirstCallIsWrittenAtOnceAndOnce() {
        times.called(CART, T, HOUR);

        assertThat(times.due(T.plusSeconds(1))).isEqualTo(Map.of(CART, T));
        assertThat(times.due(T.plusSeconds(2))).isEmpty();
    }

    @Test
    void furtherOnesAtMostOnceAMinuteButTheLastOneIsNotForgotten() {
        times.called(CART, T, HOUR);
        times.due(T);
        times.called(CART, T.plusSeconds(10), HOUR);
        times.called(CART, T.plusSeconds(20), HOUR);

        assertThat(times.due(T.plusSeconds(59))).isEmpty();
        assertThat(times.due(T.plusSeconds(60))).isEqualTo(Map.of(CART, T.plusSeconds(20)));
        assertThat(times.due(T.plusSeconds(200))).isEmpty();
    }

    @Test
    void anEarlierCallAtAnotherGatewayCountsForNothing() {
        times.called(CART, T.plusSeconds(5), HOUR);
        times.called(CART, T, HOUR);

        assertThat(times.due(T.plusSeconds(6))).isEqualTo(Map.of(CART, T.plusSeconds(5)));
    }

    @Test
    void aShortIdleTimeIsWrittenMoreOften() {
        times.called(CART, T, Duration.ofMinutes(1));
        times.due(T);
        times.called(CART, T.plusSeconds(14), Duration.ofMinutes(1));

        assertThat(times.due(T.plusSeconds(14))).isEmpty();
        assertThat(times.due(T.plusSeconds(15))).hasSize(1);
    }

    @Test
    void aCallThatIsNotYetWrittenIsKnown() {
        times.called(CART, T, HOUR);
        times.due(T);
        times.called(CART, T.plusSeconds(10), HOUR);

        assertThat(times.last(CART)).contains(T.plusSeconds(10));
        assertThat(times.last(new Key("functions", "another"))).isEmpty();
    }

    @Test
    void whatCouldNotBeWrittenIsDueAgain() {
        times.called(CART, T, HOUR);
        times.due(T);
        times.failed(CART);

        assertThat(times.due(T.plusSeconds(2))).isEqualTo(Map.of(CART, T));
        assertThat(times.due(T.plusSeconds(4))).isEmpty();
    }
}
