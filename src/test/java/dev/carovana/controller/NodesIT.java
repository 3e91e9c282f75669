// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.model.MigrationPhase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A site with two nodes: nobody knows beforehand to which one a pod comes. */
@ExtendWith(ControllerBed.Extension.class)
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
