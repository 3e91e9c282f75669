// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.PodAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PodAddressesTest {
    private final PodAddresses addresses = new PodAddresses();
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void listen() {
        addresses.onChange(pod -> heard.add(pod.getInstance() + " " + pod.getAddress()));
    }

    private static PodAddress pod(String name, String address) {
        return PodAddress.newBuilder()
                .setNamespace("functions")
                .setName(name)
                .setInstance("cart")
                .setAddress(address)
                .build();
    }

    private void connect(String node, PodAddress... pods) {
        addresses.connect(
                "edge-a",
                node,
                dev.carovana.link.v1.PodAddresses.newBuilder()
                        .addAllPods(List.of(pods))
                        .build());
    }

    private String at(String site, String pod) {
        return addresses.at(site, "functions", pod);
    }

    @Test
    void whatAnAgentSaysHoldsAtItsSite() {
        connect("node-1", pod("cart-1", "10.244.1.5"));

        assertThat(at("edge-a", "cart-1")).isEqualTo("10.244.1.5");
        assertThat(at("edge-b", "cart-1")).isNull();
        assertThat(heard).containsExactly("cart 10.244.1.5");
    }

    @Test
    void onlyWhereAgentsSayAddressesOneIsWaitedFor() {
        addresses.connect("edge-a", "node-1", null);
        assertThat(at("edge-a", "cart-1")).isNull();

        connect("node-1");
        assertThat(at("edge-a", "cart-1")).isEmpty();

        addresses.connect("edge-a", "node-1", null);
        assertThat(at("edge-a", "cart-1")).isNull();
    }

    @Test
    void whatIsSaidAgainIsNoNews() {
        connect("node-1", pod("cart-1", "10.244.1.5"));
        connect("node-1", pod("cart-1", "10.244.1.5"));
        addresses.tell("edge-a", "node-1", pod("cart-1", "10.244.1.5"));
        addresses.tell("edge-a", "node-1", pod("cart-1", "10.244.1.6"));

        assertThat(heard).containsExactly("cart 10.244.1.5", "cart 10.244.1.6");
    }

    @Test
    void whatAnAgentDoesNotMentionWhenItConnectsIsGone() {
        connect("node-1", pod("cart-1", "10.244.1.5"));
        connect("node-2", pod("cart-2", "10.244.2.5"));

        connect("node-1");

        assertThat(at("edge-a", "cart-1")).isEmpty();
        assertThat(at("edge-a", "cart-2")).isEqualTo("10.244.2.5");
    }

    @Test
    void aPodThatWasMadeAnewAtAnotherNodeIsThere() {
        connect("node-1", pod("cart-1", "10.244.1.5"));
        connect("node-2", pod("cart-1", "10.244.2.5"));

        addresses.tell("edge-a", "node-1", pod("cart-1", ""));
        assertThat(at("edge-a", "cart-1")).isEqualTo("10.244.2.5");

        addresses.tell("edge-a", "node-2", pod("cart-1", ""));
        assertThat(at("edge-a", "cart-1")).isEmpty();
    }
}
