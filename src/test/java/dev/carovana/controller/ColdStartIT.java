// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions with {@code on-failure: cold-start}, by the packaged controller against a real kube-apiserver. */
@OnControllerBed
class ColdStartIT {
    private final ControllerBed bed;

    ColdStartIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
        bed.function("fickle", Map.of(FunctionContract.ON_FAILURE, "cold-start"));
    }

    @AfterEach
    void atMostOneCopyExecuted() {
        assertThat(bed.sites().copies().violations()).isEmpty();
    }

    private void running(String name) {
        bed.create(name, "fickle", "edge-a");
        bed.awaitInstance(name, i -> isRunningAt(i, "edge-a"));
    }

    @Test
    void whatCannotMoveStartsAnewWhereItIsWanted() {
        running("anew");
        bed.sites().agent("edge-b").object("Arch", "edge-b is arm64, expected amd64");

        bed.wish("anew", "edge-b");

        FunctionInstance there = bed.awaitInstance("anew", i -> isRunningAt(i, "edge-b"));
        assertThat(bed.migration("anew-2").getStatus().reason()).isEqualTo("PreflightArch");
        assertThat(there.getStatus().podName()).isEqualTo("anew-3");
        assertThat(Conditions.isTrue(there.getStatus().conditions(), "StateLost"))
                .isTrue();
        assertThat(bed.eventsAbout("anew"))
                .contains("ColdStart: migration anew-2 to edge-b has ended with PreflightArch, annotation"
                        + " carovana.dev/on-failure of the function is 'cold-start': pod anew-1 ends, and its state"
                        + " with it");
        assertThat(bed.sites().copies().of("anew")).containsExactly("anew-3");
    }

    @Test
    void gatewaysPassNoCallOnToAPodThatIsGoingToEnd() throws Exception {
        running("called");
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        bed.sites().agent("edge-b").object("Arch", "edge-b is arm64, expected amd64");
        CompletableFuture<Instant> ended = new CompletableFuture<>();

        try (var pods = bed.client()
                .pods()
                .inNamespace(ControllerBed.NAMESPACE)
                .withName("called-1")
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Pod pod) {}

                    @Override
                    public void onUpdate(Pod before, Pod pod) {
                        if (pod.isMarkedForDeletion()) {
                            ended.complete(Instant.now());
                        }
                    }

                    @Override
                    public void onDelete(Pod pod, boolean unknown) {
                        ended.complete(Instant.now());
                    }
                })) {
            bed.wish("called", "edge-b");
            bed.awaitInstance("called", i -> isRunningAt(i, "edge-b"));
            Instant held = gateway.heard("called").stream()
                    .filter(heard -> heard.route().getHost().isEmpty())
                    .map(FakeGateway.Heard::at)
                    .findFirst()
                    .orElseThrow();
            assertThat(ended.get(1, TimeUnit.SECONDS)).isAfter(held.plusMillis(500));
        }
    }

    @Test
    void stateIsNotGivenUpForASiteThatTakesNobody() {
        running("precious");
        bed.site("edge-b", true, null);
        bed.wish("precious", "edge-b");
        assertThat(bed.awaitSettled("precious-2").reason()).isEqualTo("PreflightSiteCordoned");

        bed.wish("precious", "edge-c");

        assertThat(bed.awaitSettled("precious-3").phase()).isEqualTo(MigrationPhase.Succeeded);
        FunctionInstance moved = bed.awaitInstance("precious", i -> isRunningAt(i, "edge-c"));
        assertThat(Conditions.find(moved.getStatus().conditions(), "StateLost")).isNull();
    }
}
