// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Addresses of the pods that instances are moved to, asked for before the calls are held: when the instance is restored
 * they are at hand. Thread-safe.
 */
@ApplicationScoped
class DestinationPods {
    private static final Logger LOG = Logger.getLogger(DestinationPods.class);

    private final KubernetesClient client;
    /** By the migration's uid. */
    private final Map<String, String> addresses = new ConcurrentHashMap<>();

    DestinationPods(KubernetesClient client) {
        this.client = client;
    }

    /** Empty if the pod has none yet, or does not exist any more. */
    String address(Move move) {
        String known = addresses.get(move.uid());
        if (known != null) {
            return known;
        }
        String found = ask(move);
        if (!found.isEmpty()) {
            addresses.put(move.uid(), found);
        }
        return found;
    }

    void forget(Move move) {
        addresses.remove(move.uid());
    }

    private String ask(Move move) {
        try {
            Pod pod = move.destinationPod() == null
                    ? null
                    : client.pods()
                            .inNamespace(move.namespace())
                            .withName(move.destinationPod())
                            .get();
            return pod == null || pod.getStatus() == null
                    ? ""
                    : Objects.requireNonNullElse(pod.getStatus().getPodIP(), "");
        } catch (KubernetesClientException e) {
            LOG.warnf("address of pod %s/%s: %s", move.namespace(), move.destinationPod(), e.getMessage());
            return "";
        }
    }
}
