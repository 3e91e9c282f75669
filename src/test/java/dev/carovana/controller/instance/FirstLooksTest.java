// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FirstLooksTest {
    private Instant now = Instant.parse("2026-11-28T10:00:00Z");
    private final Map<String, Pod> pods = new HashMap<>(Map.of("a-1", pod("a"), "b-1", pod("b")));
    private final FirstLooks looks = new FirstLooks((namespace, name) -> pods.get(name), () -> now);

    @Test
    void takesTurns() {
        looks.begin(List.of(instance("a"), instance("b")));
        assertThat(looks.left(instance("a"))).contains(FirstLooks.PAUSE);
        assertThat(looks.left(instance("b"))).contains(FirstLooks.PAUSE.multipliedBy(2));
    }

    @Test
    void asksAgainUntilItsTurnAndNotAfterIt() {
        looks.begin(List.of(instance("a")));
        now = now.plusMillis(9);
        assertThat(looks.left(instance("a"))).contains(Duration.ofMillis(1));
        now = now.plusMillis(1);
        assertThat(looks.left(instance("a"))).isEmpty();
        now = now.minusSeconds(1);
        assertThat(looks.left(instance("a"))).isEmpty();
    }

    @Test
    void doesNotWaitWhenItCameLater() {
        looks.begin(List.of(instance("a")));
        assertThat(looks.left(instance("b"))).isEmpty();
    }

    @Test
    void doesNotWaitWhenSomethingHasHappened() {
        looks.begin(List.of(instance("a"), instance("b")));
        looks.end(new ResourceID("b", "functions"));
        assertThat(looks.left(instance("b"))).isEmpty();
        assertThat(looks.left(instance("a"))).isPresent();
    }

    @Test
    void doesNotWaitWhenItsPodIsGone() {
        pods.clear();
        looks.begin(List.of(instance("a")));
        assertThat(looks.left(instance("a"))).isEmpty();
    }

    @Test
    void doesNotWaitWhenItsPodIsAnotherOne() {
        pods.put("a-1", pod("b"));
        looks.begin(List.of(instance("a")));
        assertThat(looks.left(instance("a"))).isEmpty();
    }

    @Test
    void doesNotWaitWhenItsPodHasTrouble() {
        pods.put(
                "a-1",
                new PodBuilder(pod("a"))
                        .withNewStatus()
                        .withPhase("Failed")
                        .endStatus()
                        .build());
        looks.begin(List.of(instance("a")));
        assertThat(looks.left(instance("a"))).isEmpty();
    }

    @Test
    void doesNotWaitWhenAMigrationHasIt() {
        FunctionInstance taken = instance("a");
        taken.setStatus(InstanceChanges.locked(taken.getStatus(), "m", now));
        looks.begin(List.of(taken));
        assertThat(looks.left(taken)).isEmpty();
    }

    @Test
    void doesNotWaitWhenItIsWantedElsewhere() {
        FunctionInstance wished = instance("a");
        wished.setSpec(new FunctionInstanceSpec(wished.getSpec().function(), "alice", "edge-b"));
        looks.begin(List.of(wished));
        assertThat(looks.left(wished)).isEmpty();
    }

    @Test
    void doesNotWaitWhenItsWishesWereNotSeenYet() {
        FunctionInstance changed = instance("a");
        changed.getMetadata().setGeneration(2L);
        looks.begin(List.of(changed));
        assertThat(looks.left(changed)).isEmpty();
    }

    private static FunctionInstance instance(String name) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withNamespace("functions")
                .withName(name)
                .withGeneration(1L)
                .build());
        instance.setSpec(new FunctionInstanceSpec(new FunctionRef("apps/v1", "Deployment", "cart"), "alice", "edge-a"));
        instance.setStatus(new FunctionInstanceStatus(
                1L,
                Phase.Running,
                "edge-a",
                "edge-a",
                name + "-1",
                "uid-" + name,
                1L,
                null,
                "10.0.0.1",
                null,
                null,
                null,
                null));
        return instance;
    }

    private static Pod pod(String instance) {
        return new PodBuilder()
                .withNewMetadata()
                .withUid("uid-" + instance)
                .endMetadata()
                .build();
    }
}
