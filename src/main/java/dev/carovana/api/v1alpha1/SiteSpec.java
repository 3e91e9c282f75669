// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.model.PlacementPolicy;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator says about a site.
 *
 * @param liqo set when the site is reached through Liqo
 * @param local set (empty) when the site is the hub's own nodes
 * @param zones ids of the cells, zones and DNAIs that belong to the site
 * @param gateway where users reach functions at this site
 * @param limits what the site takes; absent means no limit
 * @param cordoned when true the site gets no new instances
 * @param drain while it is set, the site's instances are moved away
 * @param location where it is; lets placement find the nearest site
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.liqo) != has(self.local)",
        message = "exactly one of spec.liqo and spec.local must be set")
@ValidationRule(
        value = "!has(self.drain) || has(self.cordoned) && self.cordoned",
        message = "spec.drain needs spec.cordoned to be true")
public record SiteSpec(
        @Nullable Liqo liqo,
        @Nullable Local local,
        @Nullable List<String> zones,
        @Nullable Gateway gateway,
        @Nullable Limits limits,
        @Nullable Boolean cordoned,
        @Nullable Drain drain,
        @Nullable Location location) {

    /**
     * @param clusterID Liqo's cluster id, which is also the label {@code liqo.io/remote-cluster-id} of the virtual node
     */
    public record Liqo(@Required @Size(min = 1, max = 63) String clusterID) {}

    /** The hub's own nodes; nothing to say about them yet. */
    public record Local() {}

    /**
     * @param url base URL of the site's gateway
     */
    public record Gateway(@Nullable String url) {}

    /**
     * @param maxInstances most instances at once
     * @param maxMigrations most migrations to or from the site at once
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Limits(@Nullable Integer maxInstances, @Nullable Integer maxMigrations) {}

    /**
     * @param policy where the instances go
     * @param maxConcurrent most instances on their way at once
     */
    public record Drain(@Default("Nearest") PlacementPolicy policy, @Default("2") @Min(1) int maxConcurrent) {}

    /**
     * Degrees, as decimal strings: floating point numbers do not survive every client of the Kubernetes API unchanged.
     *
     * @param latitude from -90 to 90, north is positive
     * @param longitude from -180 to 180, east is positive
     */
    @ValidationRule(
            value = "self.latitude.matches('^-?[0-9]+([.][0-9]+)?$') && double(self.latitude) >= -90.0"
                    + " && double(self.latitude) <= 90.0",
            message = "spec.location.latitude must be a decimal number from -90 to 90")
    @ValidationRule(
            value = "self.longitude.matches('^-?[0-9]+([.][0-9]+)?$') && double(self.longitude) >= -180.0"
                    + " && double(self.longitude) <= 180.0",
            message = "spec.location.longitude must be a decimal number from -180 to 180")
    public record Location(
            @Required @Size(min = 1, max = 16) String latitude, @Required @Size(min = 1, max = 16) String longitude) {}
}
