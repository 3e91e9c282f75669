// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.model.Location;
import dev.carovana.model.Placement.Candidate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sites as placement sees them. Pure. */
public final class Candidates {
    private Candidates() {}

    public static List<Candidate> of(
            Collection<Site> sites, Collection<FunctionInstance> instances, Collection<Migration> migrations) {
        MovesUnderWay moves = new MovesUnderWay(migrations);
        return sites.stream()
                .map(site -> {
                    String name = site.getMetadata().getName();
                    SiteSpec spec = site.getSpec();
                    return new Candidate(
                            name,
                            site.getStatus() != null
                                    && Conditions.isTrue(site.getStatus().conditions(), "Ready"),
                            Boolean.TRUE.equals(spec.cordoned()),
                            instancesOf(name, instances),
                            spec.limits() == null ? null : spec.limits().maxInstances(),
                            moves.at(name, instances),
                            spec.limits() == null ? null : spec.limits().maxMigrations(),
                            location(spec.location()));
                })
                .toList();
    }

    /** One that is wanted there has its place already: two must not be given the last one. */
    private static int instancesOf(String site, Collection<FunctionInstance> instances) {
        return (int) instances.stream()
                .filter(instance -> site.equals(instance.getSpec().site())
                        || site.equals(InstanceStatuses.of(instance).site()))
                .count();
    }

    private static @Nullable Location location(SiteSpec.@Nullable Location location) {
        return location == null
                ? null
                : new Location(Double.parseDouble(location.latitude()), Double.parseDouble(location.longitude()));
    }
}
