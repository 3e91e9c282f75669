// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.InstanceRoute;
import org.junit.jupiter.api.Test;

class PublishedTest {
    private static InstanceRoute route(long epoch, String hold) {
        return InstanceRoute.newBuilder()
                .setInstance("cart-1")
                .setEpoch(epoch)
                .setHost("10.102.0." + epoch)
                .setHold(hold)
                .build();
    }

    @Test
    void theSameIsNothingNew() {
        Published first = Published.first("uid", route(1, ""));

        assertThat(first.then(route(1, ""))).isSameAs(first);
    }

    @Test
    void anOlderEpochComesTooLate() {
        Published moved = Published.first("uid", route(1, "m")).then(route(2, ""));

        assertThat(moved.route()).isEqualTo(route(2, ""));
        assertThat(moved.then(route(1, ""))).isSameAs(moved);
        assertThat(moved.then(route(1, "m"))).isSameAs(moved);
    }

    @Test
    void aHoldThatWasTakenAwayDoesNotComeBack() {
        Published thawed = Published.first("uid", route(1, "m")).then(route(1, ""));

        assertThat(thawed.then(route(1, "m"))).isSameAs(thawed);
        assertThat(thawed.then(route(1, "next")).route().getHold()).isEqualTo("next");
    }

    @Test
    void anotherHoldEndsTheOneBefore() {
        Published next = Published.first("uid", route(1, "m")).then(route(1, "next"));

        assertThat(next.then(route(1, "m"))).isSameAs(next);
        assertThat(next.then(route(1, "")).route().getHold()).isEmpty();
    }
}
