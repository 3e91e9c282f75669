// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.function.Function;
import dev.carovana.controller.instance.InstanceChanges;
import dev.carovana.controller.instance.InstancePods;
import dev.carovana.model.InstanceNames;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Instances that run, each of another user, as the controller and the sites' kubelets would have left them. */
final class Population {
    /** More do not make one kube-apiserver on two cores faster. */
    private static final int WRITERS = 16;

    private static final String DIGEST = "@sha256:" + "0123456789abcdef".repeat(4);

    private final KubernetesClient client;
    private final Function function;
    private final List<Site> sites;

    Population(KubernetesClient client, Function function, List<Site> sites) {
        this.client = client;
        this.function = function;
        this.sites = sites;
    }

    static String user(int number) {
        return "user-" + number;
    }

    /** Where an instance is before anything moves. */
    int home(int number) {
        return number % sites.size();
    }

    void create(int instances) throws InterruptedException {
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<Callable<Void>> all = IntStream.range(0, instances)
                    .mapToObj(number -> (Callable<Void>) () -> {
                        create(number, sites.get(home(number)));
                        return null;
                    })
                    .toList();
            for (Future<Void> one : writers.invokeAll(all)) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an instance could not be written", e.getCause());
        }
    }

    private void create(int number, Site site) {
        String name = InstanceNames.of(
                "development",
                Hub.NAMESPACE,
                "apps/v1",
                "Deployment",
                function.owner().getName(),
                user(number));
        FunctionInstance wished = new FunctionInstance();
        wished.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(Hub.NAMESPACE)
                .withOwnerReferences(function.owner())
                .build());
        String at = site.getMetadata().getName();
        wished.setSpec(new FunctionInstanceSpec(
                new FunctionRef("apps/v1", "Deployment", function.owner().getName()), user(number), at));
        FunctionInstance instance = client.resource(wished).create();
        Pod pod = client.resource(new PodBuilder(InstancePods.fresh(instance, function, site, 1))
                        .editSpec()
                        .withNodeName(at)
                        .endSpec()
                        .build())
                .create();
        String address = "10." + (100 + number / 62_500) + "." + number / 250 % 250 + "." + (1 + number % 250);
        Pod running = client.resource(running(pod, address)).updateStatus();
        Long generation = instance.getMetadata().getGeneration();
        Instant now = Instant.now();
        FunctionInstanceStatus starting = new FunctionInstanceStatus(
                generation,
                Phase.Starting,
                at,
                null,
                pod.getMetadata().getName(),
                null,
                1L,
                null,
                null,
                null,
                null,
                null,
                List.of());
        // not up to date: the benchmark's function has no hash of its template
        instance.setStatus(InstanceChanges.compared(
                InstanceChanges.followed(starting, running, null, generation, now), false, generation, now));
        client.resource(instance).updateStatus();
    }

    private static Pod running(Pod pod, String address) {
        return new PodBuilder(pod)
                .withNewStatus()
                .withPhase("Running")
                .withPodIP(address)
                .addNewCondition()
                .withType("ContainersReady")
                .withStatus("True")
                .endCondition()
                .withContainerStatuses(pod.getSpec().getContainers().stream()
                        .map(c -> new ContainerStatusBuilder()
                                .withName(c.getName())
                                .withImage(c.getImage())
                                .withImageID("registry.example/" + c.getName() + DIGEST)
                                .withContainerID("containerd://" + c.getName())
                                .withReady(true)
                                .withRestartCount(0)
                                .withNewState()
                                .withNewRunning()
                                .withStartedAt("2026-11-24T10:00:00Z")
                                .endRunning()
                                .endState()
                                .build())
                        .toList())
                .endStatus()
                .build();
    }
}
