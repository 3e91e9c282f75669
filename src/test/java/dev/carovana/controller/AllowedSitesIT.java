// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged controller keeps instances at the sites that their namespace allows, whoever wishes otherwise. */
@OnControllerBed
class AllowedSitesIT {
    private final ControllerBed bed;

    AllowedSitesIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    @AfterEach
    void reset() {
        bed.reset();
    }

    private static String readiness(FunctionInstance instance) {
        var ready = instance.getStatus() == null
                ? null
                : Conditions.find(instance.getStatus().conditions(), "Ready");
        return ready == null ? "" : ready.getStatus() + " " + ready.getReason();
    }

    @Test
    void noInstanceGoesToASiteThatItsNamespaceDoesNotAllow() {
        bed.running("stays");
        bed.hub().allow("edge-a, edge-c");

        bed.wish("stays", "edge-b"); // as somebody who passes the REST API by
        bed.create("foreign", "cart", "edge-b");

        MigrationStatus refused = bed.awaitSettled("stays-2");
        assertThat(refused.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(refused.reason()).isEqualTo("PreflightSiteNotAllowed");
        assertThat(refused.message())
                .isEqualTo("site edge-b: namespace functions has annotation carovana.dev/allowed-sites"
                        + " 'edge-a, edge-c', expected to name the site");
        bed.awaitInstance("foreign", i -> readiness(i).equals("False SiteNotAllowed"));
        assertThat(bed.pod("foreign-1")).isNull();

        bed.hub().allow(null);
        bed.awaitInstance("foreign", i -> isRunningAt(i, "edge-b"));
    }

    @Test
    void aLostInstanceDoesNotStartWhereItMayNotBeAnyMore() {
        bed.running("banned");
        bed.hub().allow("edge-b");

        bed.client().resource(bed.pod("banned-1")).delete();

        bed.awaitInstance("banned", i -> readiness(i).equals("False SiteNotAllowed"));
        assertThat(bed.pod("banned-2")).isNull();
    }
}
