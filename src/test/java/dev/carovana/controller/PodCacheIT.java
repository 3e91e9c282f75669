// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class PodCacheIT {
    private static final Map<String, String> SHOWN = Map.of(Carovana.INSTANCE_LABEL, "cart-7");
    /** A watch without such a pod is as one that is late for ever. */
    private static final Map<String, String> NOT_SHOWN = Map.of();

    @Inject
    KubernetesClient client;

    @Inject
    PodCache pods;

    private final String name = "cart-7-" + UUID.randomUUID();
    private final BlockingQueue<String> changes = new LinkedBlockingQueue<>();

    @BeforeEach
    void listen() {
        new Hub(client).prepare();
        pods.forget("moved");
        pods.onChange((before, now) -> {
            Pod either = now == null ? before : now;
            if (either.getMetadata().getName().equals(name)) {
                changes.add(before == null ? "new" : now == null ? "gone" : "changed");
            }
        });
    }

    private void create(Map<String, String> labels) {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(Hub.NAMESPACE)
                        .withLabels(labels)
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("cart")
                        .withImage("registry.example/cart:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private void delete() {
        client.pods()
                .inNamespace(Hub.NAMESPACE)
                .withName(name)
                .withGracePeriod(0)
                .delete();
    }

    private void await(String change) throws InterruptedException {
        String seen;
        do {
            seen = changes.poll(20, TimeUnit.SECONDS);
            assertThat(seen).as("a change before '%s'", change).isNotNull();
        } while (!seen.equals(change));
    }

    @Test
    void oneThatTheWatchDoesNotShowIsAskedFor() {
        create(NOT_SHOWN);

        assertThat(pods.find("moved", Hub.NAMESPACE, name)).isNotNull();
        assertThat(pods.address(Hub.NAMESPACE, name)).isEmpty();

        delete();
        assertThat(pods.find("moved", Hub.NAMESPACE, name)).isNull();
    }

    @Test
    void oneThatWasShownAndIsGoneIsNotAskedForAgain() throws Exception {
        create(SHOWN);
        await("new");
        assertThat(pods.find("moved", Hub.NAMESPACE, name)).isNotNull();

        delete();
        await("gone");
        create(NOT_SHOWN);

        assertThat(pods.find("moved", Hub.NAMESPACE, name))
                .as("to a migration that has seen it")
                .isNull();
        assertThat(pods.find("another", Hub.NAMESPACE, name)).isNotNull();
        pods.forget("moved");
        assertThat(pods.find("moved", Hub.NAMESPACE, name)).isNotNull();
    }

    @Test
    void addressesAreThoseThatTheWatchShows() throws Exception {
        create(SHOWN);
        await("new");
        client.pods().inNamespace(Hub.NAMESPACE).withName(name).editStatus(PodCacheIT::withAddress);
        await("changed");

        assertThat(pods.address(Hub.NAMESPACE, name)).isEqualTo("10.0.0.7");
    }

    private static Pod withAddress(Pod pod) {
        return new PodBuilder(pod)
                .editOrNewStatus()
                .withPhase("Running")
                .withPodIP("10.0.0.7")
                .addNewPodIP("10.0.0.7")
                .endStatus()
                .build();
    }
}
