// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.api.v1alpha1.Carovana;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The pods of the agent's own node, as its cluster's API server tells. */
public final class Pods implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Pods.class);

    private final KubernetesClient client;
    private final String node;
    private final Consumer<Pod> changed;
    private final Consumer<Pod> gone;
    private @Nullable SharedIndexInformer<Pod> informer;

    Pods(KubernetesClient client, String node, Consumer<Pod> changed, Consumer<Pod> gone) {
        this.client = client;
        this.node = node;
        this.changed = changed;
        this.gone = gone;
    }

    void start() {
        informer = client.pods()
                .inAnyNamespace()
                .withField("spec.nodeName", node)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Pod pod) {
                        changed.accept(pod);
                    }

                    @Override
                    public void onUpdate(Pod before, Pod pod) {
                        changed.accept(pod);
                    }

                    @Override
                    public void onDelete(Pod pod, boolean unknown) {
                        gone.accept(pod);
                    }
                });
    }

    /** A pod of this node, by its name. */
    public Optional<Pod> find(String namespace, String name) {
        return informer == null
                ? Optional.empty()
                : informer.getStore().list().stream()
                        .filter(pod -> pod.getMetadata().getNamespace().equals(namespace)
                                && pod.getMetadata().getName().equals(name))
                        .findFirst();
    }

    boolean exists(String uid) {
        return informer != null
                && informer.getStore().list().stream()
                        .anyMatch(pod -> pod.getMetadata().getUid().equals(uid));
    }

    /** Sets the readiness gate of a restored pod. */
    public void restored(DestinationRecord record) {
        Pod gate = new PodBuilder()
                .withNewMetadata()
                .withNamespace(record.pod().namespace())
                .withName(record.pod().name())
                .endMetadata()
                .withNewStatus()
                .withConditions(new PodConditionBuilder()
                        .withType(Carovana.RESTORED_GATE)
                        .withStatus("True")
                        .withReason("Restored")
                        .withLastTransitionTime(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                        .build())
                .endStatus()
                .build();
        try {
            client.pods()
                    .inNamespace(record.pod().namespace())
                    .withName(record.pod().name())
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), gate);
        } catch (KubernetesClientException e) {
            LOG.errorf("readiness gate of pod %s: %s", record.pod(), e.getMessage());
        }
    }

    @Override
    public void close() {
        if (informer != null) {
            informer.close();
        }
    }
}
