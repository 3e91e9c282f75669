// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonProperty.Access;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.util.List;

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

    private interface WithoutManagedFields {
        @JsonProperty(access = Access.READ_ONLY)
        List<ManagedFieldsEntry> getManagedFields();
    }
}
