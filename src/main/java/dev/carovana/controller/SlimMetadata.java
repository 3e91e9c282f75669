// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;

/** What every cache has to keep of an object's metadata. */
final class SlimMetadata {
    private SlimMetadata() {}

    /** Which object it is, and which version of it. */
    static ObjectMetaBuilder identity(ObjectMeta metadata) {
        return new ObjectMetaBuilder()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .withResourceVersion(metadata.getResourceVersion())
                .withGeneration(metadata.getGeneration());
    }
}
