// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.controller.PodCreation;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes destination pods, and knows which of them the hub's API server has not taken. */
@ApplicationScoped
class DestinationPods {
    private final KubernetesClient client;
    /** By the migration's uid, until it is cleaned up. */
    private final Map<String, Reason> refused = new ConcurrentHashMap<>();

    DestinationPods(KubernetesClient client) {
        this.client = client;
    }

    void create(String migration, Pod pod) {
        PodCreation.create(client, pod).ifPresent(why -> refused.put(migration, why));
    }

    /** Why there is none; null if nothing is known against it. */
    @Nullable
    Reason refusal(String migration) {
        return refused.get(migration);
    }

    void forget(String migration) {
        refused.remove(migration);
    }
}
