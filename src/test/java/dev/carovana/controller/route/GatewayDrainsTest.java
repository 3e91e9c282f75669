// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.ConnectedGateways;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayDrainsTest {
    private final ConnectedGateways gateways = new ConnectedGateways();
    private final Set<String> held = new HashSet<>(Set.of("m", "n"));
    private final List<String> told = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-24T10:00:00Z");
    private final GatewayDrains drains = new GatewayDrains(gateways.registry(), held::contains, () -> now);

    @BeforeEach
    void begin() {
        drains.start(null);
        drains.open(null);
        drains.onDrained(told::add);
        now = now.plusSeconds(10);
    }

    private void later(int millis) {
        now = now.plus(Duration.ofMillis(millis));
    }

    @Test
    void withoutGatewaysNobodyCalls() {
        assertThat(drains.undrained("m")).isEmpty();
    }

    @Test
    void everyGatewayHasToSaySoForEachHold() {
        ConnectedGateways.Stream one = gateways.connect("edge-a", "one");
        ConnectedGateways.Stream two = gateways.connect("edge-b", "two");
        one.drained("m");

        assertThat(told).containsExactly("m");
        assertThat(drains.undrained("m")).containsExactly("gateway two of site edge-b");
        two.drained("m");
        assertThat(drains.undrained("m")).isEmpty();
        assertThat(drains.undrained("n")).hasSize(2);
    }

    @Test
    void oneWhoseLinkBreaksCountsUntilItCouldHaveComeBack() {
        ConnectedGateways.Stream one = gateways.connect("edge-a", "one");
        one.breaks();
        later(2_900);
        assertThat(drains.undrained("m")).containsExactly("gateway one of site edge-a");

        later(200);
        assertThat(drains.undrained("m")).isEmpty();
    }

    @Test
    void oneThatHeldTheCallsWhenItsLinkBrokeHoldsThemStill() {
        ConnectedGateways.Stream one = gateways.connect("edge-a", "one");
        one.drained("m");
        one.breaks();

        assertThat(drains.undrained("m")).isEmpty();
    }

    @Test
    void oneThatComesBackSaysItAnew() {
        gateways.connect("edge-a", "one").drained("m");
        ConnectedGateways.Stream again = gateways.connect("edge-a", "one");
        assertThat(drains.undrained("m")).hasSize(1);

        again.drained("m");
        assertThat(drains.undrained("m")).isEmpty();
    }

    /** R8: gateways that live need a moment to find a controller that was away. */
    @Test
    void aControllerThatHasJustStartedKnowsNobodyYet() {
        drains.open(null);

        assertThat(drains.undrained("m")).singleElement().asString().contains("no time to connect");
        later(3_000);
        assertThat(drains.undrained("m")).isEmpty();
    }

    @Test
    void whatComesTooLateIsNotKept() {
        ConnectedGateways.Stream one = gateways.connect("edge-a", "one");
        held.remove("m");
        one.drained("m");
        held.add("m");

        assertThat(told).isEmpty();
        assertThat(drains.undrained("m")).hasSize(1);
    }

    @Test
    void aMachineWhoseClockIsSetBackStopsNoMove() {
        AtomicLong nanos = new AtomicLong();
        GatewayDrains steady =
                new GatewayDrains(gateways.registry(), held::contains, new SteadyClock(() -> now, nanos::get));
        steady.open(null);
        now = now.minus(Duration.ofHours(1));
        assertThat(steady.undrained("m")).containsExactly("gateways have had no time to connect yet");

        nanos.set(Duration.ofSeconds(4).toNanos());
        assertThat(steady.undrained("m")).isEmpty();
    }
}
