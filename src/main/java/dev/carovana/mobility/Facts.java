// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.InstanceCache;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.KnownSite;
import dev.carovana.model.LastEvent;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityDecision.KnownMigration;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.Remembered;
import dev.carovana.rest.Aborts;
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
        return InstanceCache.subjects(instance).stream().anyMatch(event.subjects()::contains);
    }

    /**
     * @param migration its active migration, if that matters
     * @param seen when an event last said that its user is where it is, if that is not written on it
     * @param allowed the sites of its namespace
     */
    static KnownInstance known(
            FunctionInstance instance, @Nullable Migration migration, @Nullable Instant seen, AllowedSites allowed) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.of());
        Remembered remembered = Remembered.read(annotations);
        return new KnownInstance(
                instance.getMetadata().getNamespace(),
                instance.getMetadata().getName(),
                instance.getSpec().site(),
                instance.getStatus() == null ? null : instance.getStatus().site(),
                followsUser(instance, annotations, remembered),
                migration == null
                        ? null
                        : new KnownMigration(
                                migration.getMetadata().getName(),
                                migration.getSpec().to(),
                                Aborts.isPossible(migration)),
                last(annotations),
                remembered.seen(seen),
                allowed);
    }

    /** Whoever writes spec.site by hand leaves the annotations as they were. */
    private static boolean followsUser(
            FunctionInstance instance, Map<String, String> annotations, Remembered remembered) {
        return MigrationSpec.Reason.UserMobility.name().equals(annotations.get(MobilityAnnotations.REASON))
                && remembered.moved() != null
                && remembered.moved().to().equals(instance.getSpec().site());
    }

    private static @Nullable LastEvent last(Map<String, String> annotations) {
        String key = annotations.get(MobilityAnnotations.LAST_EVENT);
        return key == null
                ? null
                : new LastEvent(
                        key,
                        annotations.get(MobilityAnnotations.LAST_SEQUENCE),
                        Remembered.time(annotations.get(MobilityAnnotations.LAST_TIME)));
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
