// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.AllowedSites;
import dev.carovana.model.Location;
import dev.carovana.model.Placement;
import dev.carovana.model.Placement.Candidate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WantedSitesTest {
    private static final AllowedSites ALL = new AllowedSites("functions", null);

    private static Candidate site(String name, boolean cordoned, int instances, double longitude) {
        return new Candidate(name, true, cordoned, instances, null, 0, null, new Location(43, longitude));
    }

    private static Optional<String> choice(AllowedSites allowed, Candidate... sites) {
        return WantedSites.from("edge-a", List.of(sites), allowed).choice();
    }

    @Test
    void theGatewaysOwnSiteComesFirstHoweverFullItIs() {
        assertThat(choice(ALL, site("edge-a", false, 100, 10), site("edge-b", false, 0, 10)))
                .contains("edge-a");
    }

    @Test
    void elseTheNearestOneToIt() {
        assertThat(choice(
                        ALL, site("edge-a", true, 0, 10), site("edge-b", false, 0, 80), site("edge-c", false, 100, 11)))
                .contains("edge-c");
    }

    @Test
    void elseAnyIfTheHubDoesNotKnowTheGatewaysSite() {
        assertThat(choice(ALL, site("edge-b", false, 5, 10), site("edge-c", false, 1, 10)))
                .contains("edge-c");
    }

    @Test
    void whereNoneIsPossibleAllReasonsAreTold() {
        Placement placement = WantedSites.from(
                "edge-a",
                List.of(site("edge-a", true, 0, 10), site("edge-b", false, 0, 10)),
                new AllowedSites("functions", "edge-a"));

        assertThat(placement.choice()).isEmpty();
        assertThat(placement.refusal().message()).contains("edge-a: spec.cordoned", "edge-b");
    }
}
