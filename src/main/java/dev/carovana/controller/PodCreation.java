// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.Set;

/** Makes pods at the hub. */
public final class PodCreation {
    /** What quotas, limit ranges, admission webhooks and Pod Security answer. */
    private static final Set<Integer> REFUSED = Set.of(400, 403, 422);

    private PodCreation() {}

    /**
     * Makes a pod that may be there already.
     *
     * @return why the API server does not take it, in the words of who refuses it; empty if it is there
     */
    public static Optional<Reason> create(KubernetesClient client, Pod pod) {
        try {
            client.resource(pod).create();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return Optional.empty();
            }
            if (e.getStatus() != null && REFUSED.contains(e.getCode())) {
                return Optional.of(new Reason("PodRefused", e.getStatus().getMessage()));
            }
            throw e;
        }
    }
}
