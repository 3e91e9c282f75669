// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.Drained;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewaysTest {
    private final ConnectedGateways gateways = new ConnectedGateways();
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void listen() {
        gateways.registry().listen(new Gateways.Listener() {
            @Override
            public void connected(Gateway gateway) {
                told.add("connected " + gateway.id().name());
            }

            @Override
            public void gone(Gateway gateway) {
                told.add("gone " + gateway.id().name());
            }

            @Override
            public void drained(Gateway gateway, Drained drained) {
                told.add("drained " + drained.getHold());
            }
        });
    }

    @Test
    void theNewestStreamOfANameCounts() {
        ConnectedGateways.Stream old = gateways.connect("edge-a", "one");
        ConnectedGateways.Stream young = gateways.connect("edge-a", "one");

        assertThat(old.ended()).isTrue();
        assertThat(gateways.registry().all()).containsExactly(young.gateway());
        old.drained("too late");
        old.breaks();
        young.drained("m");

        assertThat(told).containsExactly("connected one", "connected one", "drained m");
        assertThat(gateways.registry().at("edge-a")).hasSize(1);
    }

    @Test
    void knowsThoseOfASite() {
        gateways.connect("edge-b", "two");
        gateways.connect("edge-a", "one").breaks();

        assertThat(gateways.registry().at("edge-a")).isEmpty();
        assertThat(gateways.registry().at("edge-b")).hasSize(1);
        assertThat(told).containsExactly("connected two", "connected one", "gone one");
    }
}
