// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import dev.carovana.link.v1.PodRef;

/** A pod of the site's own cluster; {@code uid} is empty where only its name is known. */
public record PodKey(String namespace, String name, String uid) {
    public static PodKey of(PodRef ref) {
        return new PodKey(ref.getNamespace(), ref.getName(), ref.getUid());
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
