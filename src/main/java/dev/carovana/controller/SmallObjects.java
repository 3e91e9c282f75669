// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;

/**
 * Leaves {@code managedFields} of all objects unread: they are larger than the rest of many an object, caches hold
 * thousands of them, and nobody here looks at them. The API server keeps them when they are not written.
 */
@Singleton
class SmallObjects implements KubernetesClientObjectMapperCustomizer {
    @Override
    public void customize(ObjectMapper mapper) {
        mapper.addMixIn(ObjectMeta.class, WithoutManagedFields.class);
    }

    // not only read-only: such a property would be read as an unknown one, and kept as maps of maps
    @JsonIgnoreProperties("managedFields")
    private interface WithoutManagedFields {}
}
