// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.MigrationStatus.Transition;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What caches keep, and what they do not. */
class SlimObjectsTest {
    private static final ObjectMeta METADATA = new ObjectMetaBuilder()
            .withNamespace("functions")
            .withName("cart-1")
            .withUid("uid")
            .withResourceVersion("7")
            .withGeneration(2L)
            .withCreationTimestamp("2026-11-24T10:00:00Z")
            .addToFinalizers("carovana.dev/finalizer")
            .addToAnnotations("carovana.dev/held-site", "edge-a")
            .addToLabels("carovana.dev/instance", "cart-1")
            .addNewOwnerReference()
            .withName("cart")
            .endOwnerReference()
            .build();

    @Test
    void ofAnInstanceAllButConditionsAndOwners() {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(METADATA);
        instance.setSpec(new FunctionInstanceSpec(
                new FunctionRef("apps/v1", "Deployment", "cart"), "alice", "edge-b", List.of("ipv4:10.100.0.1")));
        instance.setStatus(new FunctionInstanceStatus(
                2L,
                Phase.Running,
                "edge-a",
                "node-a",
                "cart-1-3",
                "pod-uid",
                3L,
                "copy",
                "10.0.0.1",
                "10.244.1.5",
                "cart-1-4",
                "cart-1-3",
                List.of(new ConditionBuilder().withType("Ready").build())));
        SlimInstances kept = new SlimInstances();

        kept.put("functions/cart-1", instance);

        FunctionInstance slim = kept.get("functions/cart-1");
        assertThat(slim.getSpec()).isEqualTo(instance.getSpec());
        assertThat(slim.getMetadata())
                .isEqualTo(new ObjectMetaBuilder(METADATA)
                        .withOwnerReferences(List.of())
                        .withLabels(Map.of())
                        .build());
        assertThat(slim.getStatus())
                .isEqualTo(new FunctionInstanceStatus(
                        2L,
                        Phase.Running,
                        "edge-a",
                        "node-a",
                        "cart-1-3",
                        "pod-uid",
                        3L,
                        "copy",
                        "10.0.0.1",
                        "10.244.1.5",
                        "cart-1-4",
                        "cart-1-3",
                        null));
    }

    @Test
    void ofAMigrationWhatItAsksForAndWhereItStands() {
        Migration migration = new Migration();
        migration.setMetadata(METADATA);
        migration.setSpec(new MigrationSpec("cart-1", "edge-b", MigrationSpec.Reason.Manual, null, null));
        Transition last = new Transition(MigrationPhase.Succeeded, "2026-11-24T10:00:02Z");
        migration.setStatus(new MigrationStatus(
                MigrationPhase.Succeeded,
                null,
                null,
                "edge-a",
                4L,
                "cart-1-3",
                "uid-3",
                "node-a",
                "cart-1-4",
                "uid-4",
                "node-b",
                List.of(new Transition(MigrationPhase.Preparing, "2026-11-24T10:00:00Z"), last),
                List.of(),
                200.0,
                2000.0,
                1L,
                0,
                List.of(new ConditionBuilder().withType("Succeeded").build())));
        SlimMigrations kept = new SlimMigrations();

        kept.put("functions/cart-1-4", migration);

        Migration slim = kept.get("functions/cart-1-4");
        assertThat(slim.getSpec()).isEqualTo(migration.getSpec());
        assertThat(slim.getStatus().phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(slim.getStatus().from()).isEqualTo("edge-a");
        assertThat(slim.getStatus().transitions()).containsExactly(last);
        assertThat(slim.getStatus().conditions()).isNull();
        assertThat(slim.getMetadata().getAnnotations()).isEqualTo(METADATA.getAnnotations());
        assertThat(slim.getMetadata().getCreationTimestamp()).isEqualTo(METADATA.getCreationTimestamp());
    }

    @Test
    void ofAPodWhichItIsWhereAndWhyItDoesNotStart() {
        Pod pod = new PodBuilder()
                .withMetadata(METADATA)
                .withNewSpec()
                .addNewContainer()
                .withName("cart")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Pending")
                .withPodIP("10.0.0.1")
                .addNewContainerStatus()
                .withName("redis")
                .withNewState()
                .withNewRunning()
                .endRunning()
                .endState()
                .endContainerStatus()
                .addNewContainerStatus()
                .withName("cart")
                .withNewState()
                .withNewWaiting()
                .withReason("ErrImagePull")
                .endWaiting()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        SlimPods kept = new SlimPods();

        kept.put("functions/cart-1", pod);

        Pod slim = kept.find("functions", "cart-1");
        assertThat(slim.getSpec()).isNull();
        assertThat(slim.getStatus().getContainerStatuses())
                .containsExactly(pod.getStatus().getContainerStatuses().getLast());
        assertThat(slim.getMetadata().getLabels()).isEqualTo(METADATA.getLabels());
        assertThat(kept.address("functions", "cart-1")).isEqualTo("10.0.0.1");
        assertThat(kept.find("functions", "cart-2")).isNull();
        assertThat(kept.address("functions", "cart-2")).isEmpty();
    }

    @Test
    void ofAPodWhetherItLooksOtherwise() {
        SlimPods pods = new SlimPods();
        Pod pod = running().build();
        pods.put("functions/cart-1", pod);
        Pod kept = pods.find("functions", "cart-1");

        assertThat(Stream.of(
                                running()
                                        .editMetadata()
                                        .addToAnnotations("probed", "now")
                                        .endMetadata(),
                                running()
                                        .editStatus()
                                        .addToConditions(condition("Other"))
                                        .endStatus())
                        .map(PodBuilder::build))
                .noneMatch(now -> SlimPods.looksOtherwise(now, kept));
        assertThat(Stream.of(
                                running()
                                        .editMetadata()
                                        .withDeletionTimestamp("now")
                                        .endMetadata(),
                                running().editSpec().withNodeName("node-b").endSpec(),
                                running().editStatus().withPhase("Failed").endStatus(),
                                running().editStatus().withReason("Evicted").endStatus(),
                                running().editStatus().withPodIP("10.0.0.2").endStatus(),
                                running()
                                        .editStatus()
                                        .editFirstCondition()
                                        .withStatus("False")
                                        .endCondition()
                                        .endStatus(),
                                running()
                                        .editStatus()
                                        .editFirstContainerStatus()
                                        .withRestartCount(1)
                                        .endContainerStatus()
                                        .endStatus())
                        .map(PodBuilder::build))
                .allMatch(now -> SlimPods.looksOtherwise(now, kept));
        assertThat(SlimPods.looksOtherwise(pod, pod))
                .as("of one that is not kept nothing is known")
                .isTrue();
    }

    private static PodBuilder running() {
        return new PodBuilder()
                .withMetadata(METADATA)
                .withNewSpec()
                .withNodeName("node-a")
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("10.0.0.1")
                .addToConditions(condition("ContainersReady"))
                .addNewContainerStatus()
                .withName("cart")
                .withRestartCount(0)
                .endContainerStatus()
                .endStatus();
    }

    private static PodCondition condition(String type) {
        return new PodConditionBuilder().withType(type).withStatus("True").build();
    }
}
