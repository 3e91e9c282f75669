// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.link.v1.InstanceRoute;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sites whose pod networks overlap: the hub sees other addresses than the sites do. */
@OnControllerBed
class SiteAddressIT {
    private static final String THERE = "10.244.1.5";

    private final ControllerBed bed;
    private FakeGateway gateway;

    SiteAddressIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void tellAddresses() {
        bed.reset();
        bed.sites().agent("edge-a").tellAddress(THERE);
        bed.sites().agent("edge-b").tellAddress(THERE);
        bed.awaitAgents("edge-a", 1);
        gateway = bed.gateways().add("edge-a", "one");
    }

    @AfterEach
    void tellThemNoMore() {
        bed.reset();
    }

    private List<String> hosts(String instance) {
        return gateway.heard(instance).stream()
                .map(heard -> heard.route().getHost())
                .filter(host -> !host.isEmpty())
                .distinct()
                .toList();
    }

    @Test
    void aPodIsCalledAtTheAddressThatItHasAtItsSite() {
        FunctionInstance here = bed.running("remapped");

        gateway.awaitRoute("remapped", r -> r.getHost().equals(THERE));
        FunctionInstance known =
                bed.awaitInstance("remapped", i -> THERE.equals(i.getStatus().siteAddress()));
        assertThat(known.getStatus().address())
                .isEqualTo(here.getStatus().address())
                .isNotEqualTo(THERE);

        bed.wish("remapped", "edge-b");
        InstanceRoute moved = gateway.awaitRoute("remapped", r -> r.getEpoch() == 2);

        assertThat(moved.getHost()).isEqualTo(THERE);
        FunctionInstance there = bed.awaitInstance("remapped", i -> isRunningAt(i, "edge-b"));
        assertThat(there.getStatus().siteAddress()).isEqualTo(THERE);
        assertThat(there.getStatus().address()).isNotEqualTo(THERE);
        assertThat(hosts("remapped")).containsExactly(THERE);
    }

    @Test
    void itIsKnownAfterARestartOfTheControllerWhileTheAgentIsAway() {
        bed.running("kept");
        bed.awaitInstance("kept", i -> THERE.equals(i.getStatus().siteAddress()));
        bed.sites().agent("edge-a").link().disconnect();

        bed.controller().kill();
        bed.controller().start();

        assertThat(gateway.awaitSynced(2).get("kept").getHost()).isEqualTo(THERE);
        assertThat(hosts("kept")).containsExactly(THERE);
        bed.sites().agent("edge-a").link().connect();
    }

    @Test
    void aPodOfWhichNoAgentHasSpokenIsNotCalledWhereTheHubSeesIt() {
        FakeAgent agent = bed.sites().agent("edge-a");
        agent.tellAddress("");
        bed.running("unseen");
        gateway.awaitRoute("unseen", r -> r.getHost().isEmpty());
        assertThat(Conditions.find(bed.instance("unseen").getStatus().conditions(), "Routable"))
                .satisfies(routable -> assertThat(routable.getStatus()).isEqualTo("False"));

        agent.tell("unseen", "unseen-1", THERE);

        gateway.awaitRoute("unseen", r -> r.getHost().equals(THERE));
        await().until(() -> THERE.equals(bed.instance("unseen").getStatus().siteAddress()));
        assertThat(hosts("unseen")).containsExactly(THERE);
    }
}
