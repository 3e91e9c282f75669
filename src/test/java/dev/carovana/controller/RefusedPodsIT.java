// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.NAMESPACE;
import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods that there may not be, by the packaged controller against a real kube-apiserver. */
@OnControllerBed
class RefusedPodsIT {
    private final ControllerBed bed;

    RefusedPodsIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @AfterEach
    void lift() {
        bed.client().resourceQuotas().inNamespace(NAMESPACE).withName("pods").delete();
    }

    /** That is used up; the API server counts by the status, which Kubernetes' controller manager writes elsewhere. */
    private void quota() {
        Map<String, Quantity> one = Map.of("pods", new Quantity("1"));
        ResourceQuota quota = new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("pods")
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withHard(one)
                .endSpec()
                .withNewStatus()
                .withHard(one)
                .withUsed(one)
                .endStatus()
                .build();
        quota.setMetadata(bed.client().resource(quota).create().getMetadata());
        bed.client().resource(quota).updateStatus();
    }

    private static String ready(FunctionInstance instance) {
        Condition ready = instance.getStatus() == null
                ? null
                : Conditions.find(instance.getStatus().conditions(), "Ready");
        return ready == null ? "" : ready.getStatus() + " " + ready.getReason() + " " + ready.getMessage();
    }

    @Test
    void aQuotaIsToldInItsOwnWordsUntilItIsGone() {
        quota();
        bed.create("poor", "cart", "edge-a");

        FunctionInstance refused = bed.awaitInstance("poor", i -> ready(i).startsWith("False PodRefused"));
        assertThat(ready(refused)).contains("exceeded quota: pods");
        assertThat(bed.eventsAbout("poor")).anyMatch(event -> event.startsWith("PodRefused: "));

        lift();
        bed.awaitInstance("poor", i -> isRunningAt(i, "edge-a"));
    }

    @Test
    void aMoveForWhichAQuotaHasNoRoomEndsSoonAndCanBeMadeLater() {
        bed.running("cramped");
        quota();
        bed.wish("cramped", "edge-b");

        MigrationStatus status = bed.awaitSettled("cramped-2");
        assertThat(status.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(status.reason()).isEqualTo("PodRefused");
        assertThat(status.message()).contains("exceeded quota: pods");
        bed.awaitInstance("cramped", i -> isRunningAt(i, "edge-a"));

        lift();
        bed.wish("cramped", "edge-a");
        bed.wish("cramped", "edge-b");
        assertThat(bed.awaitSettled("cramped-3").phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    @Test
    void aSecondInstanceOfAUserWaitsForTheEndOfTheFirst() {
        bed.running("first");
        FunctionInstance second = new FunctionInstance();
        second.setMetadata(new ObjectMetaBuilder()
                .withName("second")
                .withNamespace(NAMESPACE)
                .build());
        second.setSpec(
                new FunctionInstanceSpec(new FunctionRef("apps/v1", "Deployment", "cart"), "user-of-first", "edge-b"));
        bed.client().resource(second).create();

        FunctionInstance waiting = bed.awaitInstance("second", i -> ready(i).startsWith("False UserHasInstance"));
        assertThat(ready(waiting)).contains("first");
        assertThat(bed.eventsAbout("second")).anyMatch(event -> event.startsWith("UserHasInstance: "));
        assertThat(bed.pod("second-1")).isNull();

        bed.client().resource(bed.instance("first")).delete();
        bed.awaitInstance("second", i -> isRunningAt(i, "edge-b"));
    }
}
