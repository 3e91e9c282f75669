// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import dev.carovana.model.MobilityEvent.Target;
import java.util.Collection;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a site to a mobility event.
 *
 * @param name the site's name
 * @param zones {@code spec.zones}
 * @param gateway host of {@code spec.gateway.url}; null if there is none
 * @param cordoned whether it takes no instances
 */
public record KnownSite(String name, Collection<String> zones, @Nullable String gateway, boolean cordoned) {

    /** The sites that a target means: none, one, or several if the sites' zones overlap. */
    static List<KnownSite> meantBy(Target target, Collection<KnownSite> sites) {
        return switch (target) {
            case Target.Site(String name) ->
                sites.stream().filter(site -> site.name().equals(name)).toList();
            case Target.Zone(List<String> ids) -> first(ids, sites, KnownSite::hasZone);
            case Target.Endpoint(List<String> hosts) -> first(hosts, sites, KnownSite::isReachedAt);
            case Target.Nowhere() -> List.of();
        };
    }

    private static List<KnownSite> first(
            List<String> names, Collection<KnownSite> sites, BiPredicate<KnownSite, String> has) {
        for (String name : names) {
            List<KnownSite> found =
                    sites.stream().filter(site -> has.test(site, name)).toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** Cell ids are hexadecimal, which people write in either case. */
    private boolean hasZone(String id) {
        return zones.stream().anyMatch(id::equalsIgnoreCase);
    }

    private boolean isReachedAt(String host) {
        String normal = Hosts.normal(host);
        return (gateway != null && Hosts.normal(gateway).equals(normal))
                || zones.stream().anyMatch(zone -> Hosts.normal(zone).equals(normal));
    }
}
