// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.AppArmor;
import dev.carovana.link.v1.Confinement;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A site with two nodes: nobody knows beforehand to which one a pod comes. */
@OnControllerBed
class NodesIT {
    private static final String SECOND = "second-node-of-edge-b";

    private final ControllerBed bed;
    private FakeAgent first;
    private FakeAgent second;

    NodesIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void addNode() {
        bed.reset();
        first = bed.sites().agent("edge-b");
        second = bed.sites().add("edge-b", SECOND);
        bed.sites().kubelet().schedule("edge-b", SECOND);
    }

    @AfterEach
    void removeNode() {
        bed.sites().remove(SECOND);
        assertThat(bed.sites().copies().violations()).isEmpty();
    }

    private String uid(String migration) {
        return bed.migration(migration).getMetadata().getUid();
    }

    @Test
    void onlyTheNodeThatHasThePodRemembersTheMove() {
        second.link().connect();
        bed.running("apart");
        bed.awaitAgents("edge-b", 2);

        bed.wish("apart", "edge-b");
        MigrationStatus there = bed.awaitSettled("apart-2");

        assertThat(there.phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(there.destinationNode()).isEqualTo(SECOND);
        await("no agent has a record of it").until(() -> List.of(first, second).stream()
                .allMatch(
                        agent -> agent.stepOf(Side.DESTINATION, uid("apart-2")).isEmpty()));

        bed.wish("apart", "edge-a");
        assertThat(bed.awaitSettled("apart-3").phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(second.saidAt(Step.RELEASED, uid("apart-3"))).isNotNull();
        bed.awaitInstance("apart", i -> isRunningAt(i, "edge-a"));
    }

    @Test
    void aPodThatCameToANodeWithoutTheCpuStaysAtTheSource() {
        second.facts(FakeAgent.facts().toBuilder().clearCpuFlags().build());

        assertThatAMoveToTheSecondNodeEndsSince("misplaced", "sse2");
    }

    @Test
    void aPodThatCameToANodeWhichPreflightRefusedStaysAtTheSource() {
        bed.sites().agent("edge-a").files(confinement(true, "cri-containerd.apparmor.d (enforce)"));
        first.files(confinement(true));
        second.files(confinement(false));

        assertThatAMoveToTheSecondNodeEndsSince("confined", "has no AppArmor");
    }

    /** Preflight finds one node that fits; the site's scheduler does not know that. */
    private void assertThatAMoveToTheSecondNodeEndsSince(String instance, String why) {
        second.link().connect();
        bed.running(instance);
        bed.awaitAgents("edge-b", 2);

        bed.wish(instance, "edge-b");
        MigrationStatus refused = bed.awaitSettled(instance + "-2");

        assertThat(refused.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(refused.reason()).isEqualTo("DestinationNode");
        assertThat(refused.message()).contains(SECOND, why);
        assertThat(bed.sites().copies().of(instance)).containsExactly(instance + "-1");
    }

    private static PreflightResult confinement(boolean enabled, String... profiles) {
        PreflightResult.Builder result =
                PreflightResult.newBuilder().setAppArmor(AppArmor.newBuilder().setEnabled(enabled));
        for (String profile : profiles) {
            result.addConfinements(Confinement.newBuilder().setContainer("main").setProfile(profile));
        }
        return result.build();
    }

    /** The site's other agent does not see the pod. */
    @Test
    void aMoveIsRefusedWhileTheAgentOfThePodsNodeIsAway() {
        second.link().connect();
        bed.awaitAgents("edge-b", 2);
        bed.create("unseen", "cart", "edge-b");
        bed.awaitInstance("unseen", i -> isRunningAt(i, "edge-b"));
        second.link().disconnect();

        bed.wish("unseen", "edge-a");
        MigrationStatus refused = bed.awaitSettled("unseen-2");

        assertThat(refused.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(refused.reason()).isEqualTo("PreflightSourceAgent");
        assertThat(refused.message()).contains("1 of 1 answered");
    }

    private void migrate(String instance, long epoch, String site) {
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName(instance + "-" + epoch)
                .withNamespace(ControllerBed.NAMESPACE)
                .build());
        migration.setSpec(new MigrationSpec(instance, site, MigrationSpec.Reason.Drain, null, null));
        bed.client().resource(migration).create();
    }

    @Test
    void anInstanceMovesToAnotherNodeOfItsSiteAndBack() {
        bed.sites().kubelet().schedule("edge-b", FakeSites.nodeOf("edge-b"));
        first.tellAddress("10.244.1.5");
        second.tellAddress("10.244.2.5");
        bed.awaitAgents("edge-b", 2);
        bed.create("inside", "cart", "edge-b");
        bed.awaitInstance("inside", i -> isRunningAt(i, "edge-b"));

        bed.sites().kubelet().schedule("edge-b", SECOND);
        migrate("inside", 2, "edge-b");
        MigrationStatus there = bed.awaitSettled("inside-2");

        assertThat(there.phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(there.from()).isEqualTo("edge-b");
        assertThat(there.destinationNode()).isEqualTo(SECOND);
        assertThat(first.heard()).doesNotContain(ToAgent.BodyCase.PREPARE + " " + uid("inside-2"));
        assertThat(bed.pod("inside-2").getMetadata().getAnnotations())
                .containsEntry("liqo.io/anti-affinity-preset", "hard");
        FunctionInstance moved = bed.awaitInstance(
                "inside", i -> "10.244.2.5".equals(i.getStatus().siteAddress()));
        assertThat(moved.getSpec().site()).isEqualTo("edge-b");
        assertThat(moved.getStatus().epoch()).isEqualTo(2);

        bed.sites().kubelet().schedule("edge-b", FakeSites.nodeOf("edge-b"));
        migrate("inside", 3, "edge-b");

        assertThat(bed.awaitSettled("inside-3").phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(bed.sites().copies().of("inside")).containsExactly("inside-3");
    }

    @Test
    void aSiteWithOneNodeHasNoOther() {
        bed.running("alone");

        migrate("alone", 2, "edge-a");
        MigrationStatus refused = bed.awaitSettled("alone-2");

        assertThat(refused.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(refused.reason()).isEqualTo("PreflightSameSite");
        assertThat(refused.message()).contains("no other node");
        assertThat(bed.sites().copies().of("alone")).containsExactly("alone-1");
    }

    @Test
    void aNodeWhoseAgentWasAwayIsToldOfTheMoveWhenItIsBack() {
        bed.running("later");

        bed.wish("later", "edge-b");
        bed.awaitMigration("later-2", s -> s.phase() == MigrationPhase.Preparing);
        await("the other agent expects the pod")
                .atMost(Duration.ofSeconds(20))
                .until(() -> first.stepOf(Side.DESTINATION, uid("later-2")).equals(Optional.of(Step.EXPECTING)));
        second.link().connect();

        assertThat(bed.awaitSettled("later-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(second.heard()).contains(ToAgent.BodyCase.PREPARE + " " + uid("later-2"));
    }
}
