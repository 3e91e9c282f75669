// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.kubernetes.Informers;
import dev.carovana.link.v1.Claim;
import dev.carovana.link.v1.PodAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The pods of the agent's own node, as its cluster's API server tells. */
public final class Pods implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Pods.class);

    private static final Duration RETRY = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final String node;
    private final Consumer<Pod> changed;
    private final Consumer<Pod> gone;
    private final Consumer<PodAddress> addressed;
    private volatile @Nullable SharedIndexInformer<Pod> informer;
    private volatile boolean closed;

    Pods(
            KubernetesClient client,
            String node,
            Consumer<Pod> changed,
            Consumer<Pod> gone,
            Consumer<PodAddress> addressed) {
        this.client = client;
        this.node = node;
        this.changed = changed;
        this.gone = gone;
        this.addressed = addressed;
    }

    /** Completes when they are known, which takes as long as the API server does. */
    CompletionStage<Void> start() {
        SharedIndexInformer<Pod> pods = client.pods()
                .inAnyNamespace()
                .withField("spec.nodeName", node)
                .runnableInformer(0)
                .addEventHandler(new Changes());
        informer = pods;
        return Informers.start(pods);
    }

    /** A pod of this node, by its name. */
    public Optional<Pod> find(String namespace, String name) {
        SharedIndexInformer<Pod> pods = informer;
        return pods == null
                ? Optional.empty()
                : pods.getStore().list().stream()
                        .filter(pod -> pod.getMetadata().getNamespace().equals(namespace)
                                && pod.getMetadata().getName().equals(name))
                        .findFirst();
    }

    /** Whether the cluster says that it has no such ServiceAccount. */
    public boolean lacksServiceAccount(String namespace, String name) {
        try {
            return client.serviceAccounts()
                            .inNamespace(namespace)
                            .withName(name)
                            .get()
                    == null;
        } catch (KubernetesClientException e) {
            LOG.warnf("ServiceAccount %s/%s: %s", namespace, name, e.getMessage());
            return false;
        }
    }

    /**
     * The claims that the cluster has, of those named.
     *
     * @param except a pod whose use of them is known; may be empty
     */
    public List<Claim> claims(String namespace, List<String> names, String except) {
        try {
            return names.isEmpty() ? List.of() : new Claims(client, namespace).of(names, except);
        } catch (KubernetesClientException e) {
            LOG.warnf("PersistentVolumeClaims %s in %s: %s", names, namespace, e.getMessage());
            return List.of();
        }
    }

    /** Where the pods of instances are, of those that have an address. */
    List<PodAddress> addresses() {
        SharedIndexInformer<Pod> pods = informer;
        return pods == null
                ? List.of()
                : pods.getStore().list().stream()
                        .map(Pods::address)
                        .flatMap(Optional::stream)
                        .filter(pod -> !pod.getAddress().isEmpty())
                        .toList();
    }

    /** Of an instance's pod; its address is empty if it has none yet. */
    private static Optional<PodAddress> address(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getLabels())
                .map(labels -> labels.get(Carovana.INSTANCE_LABEL))
                .map(instance -> PodAddress.newBuilder()
                        .setNamespace(pod.getMetadata().getNamespace())
                        .setName(pod.getMetadata().getName())
                        .setInstance(instance)
                        .setAddress(
                                pod.getStatus() == null
                                        ? ""
                                        : Objects.requireNonNullElse(
                                                pod.getStatus().getPodIP(), ""))
                        .build());
    }

    public boolean exists(String uid) {
        SharedIndexInformer<Pod> pods = informer;
        return pods != null
                && pods.getStore().list().stream()
                        .anyMatch(pod -> pod.getMetadata().getUid().equals(uid));
    }

    boolean isSettled(String uid) {
        SharedIndexInformer<Pod> pods = informer;
        return pods != null
                && pods.getStore().list().stream()
                        .anyMatch(pod -> pod.getMetadata().getUid().equals(uid) && isSettled(pod));
    }

    /** Whether it was the destination of a move, and the hub has taken its mark away. */
    static boolean isSettled(Pod pod) {
        return pod.getMetadata().getAnnotations() != null
                && "".equals(pod.getMetadata().getAnnotations().get(Carovana.MIGRATION_ANNOTATION));
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
        while (!isSet(gate) && !closed) {
            LockSupport.parkNanos(RETRY.toNanos());
        }
    }

    /** Nobody else would set it, and without it the pod is never ready: an API server that is away is waited for. */
    private boolean isSet(Pod gate) {
        String namespace = gate.getMetadata().getNamespace();
        String name = gate.getMetadata().getName();
        try {
            client.pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), gate);
            return true;
        } catch (KubernetesClientException e) {
            boolean gone = e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
            LOG.errorf(
                    "readiness gate of pod %s/%s%s: %s", namespace, name, gone ? "" : ", tried again", e.getMessage());
            return gone;
        }
    }

    private final class Changes implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            changed.accept(pod);
            address(pod).ifPresent(addressed);
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            changed.accept(pod);
            address(pod)
                    .filter(now -> !address(before).equals(Optional.of(now)))
                    .ifPresent(addressed);
        }

        @Override
        public void onDelete(Pod pod, boolean unknown) {
            gone.accept(pod);
            address(pod).map(last -> last.toBuilder().setAddress("").build()).ifPresent(addressed);
        }
    }

    @Override
    public void close() {
        closed = true;
        SharedIndexInformer<Pod> pods = informer;
        if (pods != null) {
            pods.close();
        }
    }
}
