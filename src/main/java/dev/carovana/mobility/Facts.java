// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.model.KnownSite;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.UserAlias;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a decision has to know of the objects. Pure. */
final class Facts {
    private Facts() {}

    /** Whether an instance is of the user whom an event is about. */
    static boolean isAbout(MobilityEvent event, FunctionInstance instance) {
        FunctionInstanceSpec spec = instance.getSpec();
        return event.subjects().contains(spec.user())
                || Objects.requireNonNullElse(spec.userAliases(), List.<String>of()).stream()
                        .map(UserAlias::normal)
                        .anyMatch(event.subjects()::contains);
    }

    static KnownInstance known(FunctionInstance instance) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.of());
        String sequence = annotations.getOrDefault(MobilityAnnotations.LAST_SEQUENCE, "");
        String time = annotations.getOrDefault(MobilityAnnotations.LAST_TIME, "");
        return new KnownInstance(
                instance.getMetadata().getNamespace(),
                instance.getMetadata().getName(),
                annotations.get(MobilityAnnotations.LAST_EVENT),
                sequence.isEmpty() ? null : sequence,
                time.isEmpty() ? null : Instant.parse(time));
    }

    static KnownSite known(Site site) {
        SiteSpec spec = site.getSpec();
        return new KnownSite(
                site.getMetadata().getName(),
                Objects.requireNonNullElse(spec.zones(), List.of()),
                spec.gateway() == null ? null : host(spec.gateway().url()),
                Boolean.TRUE.equals(spec.cordoned()));
    }

    /** A URL that is none has no host: events that name the site otherwise still find it. */
    private static @Nullable String host(@Nullable String url) {
        try {
            return url == null ? null : new URI(url).getHost();
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
