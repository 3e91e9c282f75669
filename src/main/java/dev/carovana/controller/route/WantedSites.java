// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.model.AllowedSites;
import dev.carovana.model.Placement;
import dev.carovana.model.Placement.Candidate;
import dev.carovana.model.PlacementPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where an instance starts whose user calls at a gateway. Pure. */
final class WantedSites {
    private WantedSites() {}

    /** The gateway's own site first, then the nearest one to it that can take the instance. */
    static Placement from(String gatewaySite, List<Candidate> sites, AllowedSites allowed) {
        Optional<Candidate> own =
                sites.stream().filter(site -> site.name().equals(gatewaySite)).findFirst();
        if (own.isEmpty()) {
            return Placement.of(PlacementPolicy.LeastLoaded, null, sites, allowed, Map.of());
        }
        Placement here = Placement.of(PlacementPolicy.LeastLoaded, null, List.of(own.get()), allowed, Map.of());
        if (here.choice().isPresent()) {
            return here;
        }
        Placement elsewhere = Placement.of(PlacementPolicy.Nearest, own.get(), sites, allowed, Map.of());
        return elsewhere.choice().isPresent()
                ? elsewhere
                : Placement.of(PlacementPolicy.LeastLoaded, null, sites, allowed, Map.of()); // tells of all of them
    }
}
