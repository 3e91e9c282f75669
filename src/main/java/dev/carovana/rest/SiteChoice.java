// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.controller.Namespaces;
import dev.carovana.controller.site.Candidates;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.Placement;
import dev.carovana.model.PlacementPolicy;
import dev.carovana.rest.Problem.FieldError;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** Whether an instance may be at the site that a caller names, and which site it gets when the caller names none. */
@ApplicationScoped
class SiteChoice {
    private final Store store;
    private final Namespaces namespaces;

    SiteChoice(Store store, Namespaces namespaces) {
        this.store = store;
        this.namespaces = namespaces;
    }

    /** Ends the request unless the site exists and the namespace allows it. */
    void require(String field, String site, String namespace) {
        store.requireSite(field, site);
        AllowedSites allowed = namespaces.allowedSites(namespace);
        if (allowed.against(site).isPresent()) {
            throw new ProblemException(Problem.of(
                    422,
                    new FieldError(
                            field,
                            site,
                            "one of the sites that annotation " + AllowedSites.ANNOTATION + " of namespace " + namespace
                                    + " names: '" + allowed.annotation() + "'")));
        }
    }

    /** The least loaded site that can take an instance. */
    String leastLoaded(String namespace) {
        Placement placement = Placement.of(
                PlacementPolicy.LeastLoaded,
                null,
                Candidates.of(store.sites(), store.instances(null), store.migrations(null)),
                namespaces.allowedSites(namespace),
                Map.of());
        return placement
                .choice()
                .orElseThrow(() -> new ProblemException(Problem.of(
                        409,
                        "no site can take the instance: " + placement.refusal().message())));
    }
}
