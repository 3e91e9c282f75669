// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.Migration;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Which migrations are listed: query parameters, all optional. */
class MigrationFilter {
    @RestQuery
    @Nullable
    String namespace;

    @RestQuery
    @Nullable
    String instance;

    boolean takes(Migration migration) {
        return instance == null || instance.equals(migration.getSpec().instance());
    }
}
