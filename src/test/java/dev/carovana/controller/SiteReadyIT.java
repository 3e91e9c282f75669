// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged controller says of a site whether instances can run there. */
@OnControllerBed
class SiteReadyIT {
    private static final String SITE = "edge-c";
    /** Less than half of what a site waits for if nothing wakes it. */
    private static final Duration SOON = Duration.ofSeconds(12);

    private final ControllerBed bed;

    SiteReadyIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    @AfterEach
    void reset() {
        node("True");
        bed.reset();
    }

    private void node(String ready) {
        bed.client().nodes().withName(SITE).editStatus(node -> new NodeBuilder(node)
                .editStatus()
                .editMatchingCondition(c -> c.getType().equals("Ready"))
                .withStatus(ready)
                .endCondition()
                .endStatus()
                .build());
    }

    private void awaitReady(String status) {
        await("Ready=" + status + " at " + SITE)
                .atMost(SOON)
                .until(() -> bed.hub().condition(SITE, "Ready").equals(status));
    }

    @Test
    void aSiteIsAsReadyAsItsNodes() {
        awaitReady("True");

        node("Unknown");
        awaitReady("False");

        node("True");
        awaitReady("True");
    }
}
