// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Carovana;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The pods of instances as a watch shows them, and what {@link SlimPods} keeps of them. The watch is a little late at
 * times: what it does not have is asked for at the server. Thread-safe.
 */
@ApplicationScoped
public class PodCache extends WatchCache<Pod> {
    private static final Logger LOG = Logger.getLogger(PodCache.class);

    private final KubernetesClient client;
    private final SlimPods pods = new SlimPods();
    /** Names of the pods that a migration was shown, by its uid. */
    private final Map<String, Set<String>> shown = new ConcurrentHashMap<>();

    PodCache(KubernetesClient client) {
        this.client = client;
    }

    @Override
    SharedIndexInformer<Pod> informer(KubernetesClient client) {
        return client.pods()
                .inAnyNamespace()
                .withLabel(Carovana.INSTANCE_LABEL)
                .withLimit(Pages.OBJECTS)
                .runnableInformer(0)
                .itemStore(pods);
    }

    /**
     * A pod of a migration; null if there is none. One that was just made is not taken for one that is lost: that the watch
     * does not have it counts only if it had it before. One that is gone without the watch saying so yet is found out a
     * little later.
     *
     * @param migration its uid
     */
    public @Nullable Pod find(String migration, String namespace, String name) {
        Set<String> names = shown.computeIfAbsent(migration, uid -> ConcurrentHashMap.newKeySet());
        Pod seen = watched(namespace, name);
        if (seen != null) {
            names.add(name);
            return seen;
        }
        return names.contains(name)
                ? null
                : client.pods().inNamespace(namespace).withName(name).get();
    }

    /** As the watch shows it; null if it does not. */
    public @Nullable Pod watched(String namespace, String name) {
        return pods.find(namespace, name);
    }

    /** A migration is over. */
    public void forget(String migration) {
        shown.remove(migration);
    }

    /** A pod's address; empty if it has none yet, or does not exist any more. */
    public String address(String namespace, String name) {
        String seen = pods.address(namespace, name);
        if (!seen.isEmpty()) {
            return seen;
        }
        try {
            Pod pod = client.pods().inNamespace(namespace).withName(name).get();
            return pod == null || pod.getStatus() == null
                    ? ""
                    : Objects.requireNonNullElse(pod.getStatus().getPodIP(), "");
        } catch (KubernetesClientException e) {
            LOG.warnf("address of pod %s/%s: %s", namespace, name, e.getMessage());
            return "";
        }
    }
}
