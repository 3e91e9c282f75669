// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.model.MigrationPhase;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads custom resources whose status nobody has written yet. */
final class Resources {
    private static final FunctionInstanceStatus NO_INSTANCE_STATUS =
            new FunctionInstanceStatus(null, null, null, null, null, null, null, null, null, null, null, null, null);
    private static final MigrationStatus NO_MIGRATION_STATUS = new MigrationStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    private static final SiteStatus NO_SITE_STATUS = new SiteStatus(null, null, null, null, null, null);

    private Resources() {}

    static FunctionInstanceStatus status(FunctionInstance instance) {
        return Objects.requireNonNullElse(instance.getStatus(), NO_INSTANCE_STATUS);
    }

    static MigrationStatus status(Migration migration) {
        return Objects.requireNonNullElse(migration.getStatus(), NO_MIGRATION_STATUS);
    }

    static SiteStatus status(Site site) {
        return Objects.requireNonNullElse(site.getStatus(), NO_SITE_STATUS);
    }

    static MigrationPhase phase(Migration migration) {
        return Objects.requireNonNullElse(status(migration).phase(), MigrationPhase.Pending);
    }

    static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
