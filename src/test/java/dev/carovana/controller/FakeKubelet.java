// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Carovana;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Scheduler, Liqo and the sites' kubelets, as far as the hub's API shows them: binds pods, runs them, ends them. */
final class FakeKubelet implements AutoCloseable {
    static final String DIGEST = "@sha256:" + "0123456789abcdef".repeat(4);

    private final KubernetesClient client;
    private final Copies copies;
    private final BiConsumer<String, Pod> cameUp;
    private final Set<String> brokenSites = ConcurrentHashMap.newKeySet();
    private final Map<String, String> nodeOfPod = new ConcurrentHashMap<>();
    /** The node that a site's next pods come to, by site. */
    private final Map<String, String> nodes = new ConcurrentHashMap<>();

    private final AtomicInteger addresses = new AtomicInteger();
    private final ExecutorService worker = Executors.newSingleThreadExecutor();
    private final SharedIndexInformer<Pod> informer;

    /**
     * @param cameUp is told the site's node and the pod when the pod's containers exist
     */
    FakeKubelet(KubernetesClient client, String namespace, Copies copies, BiConsumer<String, Pod> cameUp) {
        this.client = client;
        this.copies = copies;
        this.cameUp = cameUp;
        informer = client.pods().inNamespace(namespace).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                worker.execute(() -> start(pod));
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                if (pod.getMetadata().getDeletionTimestamp() != null) {
                    worker.execute(() -> end(pod));
                }
            }

            @Override
            public void onDelete(Pod pod, boolean unknown) {
                copies.stop(pod.getMetadata().getName());
            }
        });
    }

    /** From now on no image can be pulled at a site. */
    void breakImagesAt(String site) {
        brokenSites.add(site);
    }

    void repair() {
        brokenSites.clear();
        nodes.clear();
    }

    /** From now on a site's pods come to this node of it. */
    void schedule(String site, String node) {
        nodes.put(site, node);
    }

    boolean has(String node, String pod) {
        return node.equals(nodeOfPod.get(pod));
    }

    private String nodeAt(String site) {
        return nodes.getOrDefault(site, FakeSites.nodeOf(site));
    }

    private void start(Pod pod) {
        String name = pod.getMetadata().getName();
        if (pod.getSpec().getNodeName() != null) {
            nodeOfPod.put(name, nodeAt(pod.getSpec().getNodeName())); // it ran before this kubelet did
            copies.run(name);
            return;
        }
        String site = pod.getSpec()
                .getAffinity()
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms()
                .getFirst()
                .getMatchExpressions()
                .getFirst()
                .getValues()
                .getFirst();
        try {
            client.bindings()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .resource(new BindingBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .withNewTarget()
                            .withKind("Node")
                            .withName(site)
                            .endTarget()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            return; // deleted before it was bound
        }
        if (brokenSites.contains(site)) {
            status(pod, "Pending", false, false);
            return;
        }
        String node = nodeAt(site);
        nodeOfPod.put(name, node);
        boolean moved = !pod.getMetadata()
                .getAnnotations()
                .getOrDefault(Carovana.MIGRATION_ANNOTATION, "")
                .isEmpty();
        status(pod, "Running", true, !moved);
        if (!moved) {
            copies.run(name);
        }
        cameUp.accept(node, pod);
    }

    /** The destination's agent sets the readiness gate. */
    void restored(Pod pod) {
        worker.execute(() -> status(pod, "Running", true, true));
    }

    /** kubelet starts a container again after it ended. */
    void restartContainer(Pod pod) {
        client.resource(pod).editStatus(p -> {
            p.getStatus().getContainerStatuses().getFirst().setRestartCount(1);
            return p;
        });
    }

    private void status(Pod pod, String phase, boolean running, boolean ready) {
        int last = addresses.incrementAndGet();
        try {
            client.pods()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(pod.getMetadata().getName())
                    .editStatus(p -> {
                        boolean known = p.getStatus().getPodIP() != null;
                        return new PodBuilder(p)
                                .editStatus()
                                .withPhase(phase)
                                .withPodIP(
                                        known
                                                ? p.getStatus().getPodIP()
                                                : "10.102." + last / 250 + "." + (1 + last % 250))
                                .withContainerStatuses(p.getSpec().getContainers().stream()
                                        .map(container -> container(container, running))
                                        .toList())
                                .withConditions()
                                .addNewCondition()
                                .withType("ContainersReady")
                                .withStatus(ready ? "True" : "False")
                                .endCondition()
                                .endStatus()
                                .build();
                    });
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e;
            }
        }
    }

    private static ContainerStatus container(Container container, boolean running) {
        ContainerStatusBuilder status = new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withReady(running)
                .withRestartCount(0)
                .withImageID("");
        return running
                ? status.withImageID("registry.example/" + container.getName() + DIGEST)
                        .withContainerID("containerd://" + container.getName())
                        .withNewState()
                        .withNewRunning()
                        .withStartedAt("2026-11-24T10:00:00Z")
                        .endRunning()
                        .endState()
                        .build()
                : status.withNewState()
                        .withNewWaiting()
                        .withReason("ErrImagePull")
                        .withMessage("manifest unknown")
                        .endWaiting()
                        .endState()
                        .build();
    }

    private void end(Pod pod) {
        copies.stop(pod.getMetadata().getName());
        nodeOfPod.remove(pod.getMetadata().getName());
        client.resource(pod).withGracePeriod(0).delete();
    }

    @Override
    public void close() {
        informer.close();
        worker.shutdownNow();
    }
}
