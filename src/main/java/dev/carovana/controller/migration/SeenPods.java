// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.controller.SlimPods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/**
 * The pods of moves, as a watch shows them. A pod that it has not shown, or does not show any more, is asked for at the
 * server: one that was just made must not be taken for one that is lost. One that is gone without the watch saying so
 * yet is only found out a little later, because that wakes its migration.
 */
@ApplicationScoped
class SeenPods {
    private final KubernetesClient client;
    private final SlimPods watched = new SlimPods();

    SeenPods(KubernetesClient client) {
        this.client = client;
    }

    /** What the watch fills. */
    SlimPods watched() {
        return watched;
    }

    /** Whether there is such a pod, and what {@link SlimPods} keeps of it; null if there is none. */
    @Nullable
    Pod find(String namespace, String name) {
        Pod seen = watched.find(namespace, name);
        return seen != null
                ? seen
                : client.pods().inNamespace(namespace).withName(name).get();
    }
}
