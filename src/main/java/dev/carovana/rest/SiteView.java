// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.api.v1alpha1.SiteStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A site as REST clients see it.
 *
 * @param generation counts what administrators have said; conditions tell which of that they answer
 * @param gateway where users call; {@code gateways} is how many of them are connected
 * @param drain what is asked for; {@code drained} is how far it has come
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SiteView(
        String name,
        long generation,
        boolean ready,
        boolean local,
        boolean cordoned,
        List<String> zones,
        @Nullable String gateway,
        @Nullable Integer gateways,
        SiteSpec.@Nullable Limits limits,
        SiteSpec.@Nullable Location location,
        @Nullable Integer instances,
        SiteSpec.@Nullable Drain drain,
        SiteStatus.@Nullable Drain drained,
        List<SiteStatus.Agent> agents,
        List<Condition> conditions) {

    static SiteView of(Site site) {
        SiteSpec spec = site.getSpec();
        SiteStatus status = Resources.status(site);
        List<Condition> conditions = Resources.list(status.conditions());
        return new SiteView(
                site.getMetadata().getName(),
                site.getMetadata().getGeneration(),
                conditions.stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True")),
                spec.local() != null,
                Boolean.TRUE.equals(spec.cordoned()),
                Resources.list(spec.zones()),
                spec.gateway() == null ? null : spec.gateway().url(),
                status.gateways(),
                spec.limits(),
                spec.location(),
                status.instances(),
                spec.drain(),
                status.drain(),
                Resources.list(status.agents()),
                conditions);
    }
}
