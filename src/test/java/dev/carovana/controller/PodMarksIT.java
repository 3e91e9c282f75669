// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.link.v1.Step;
import dev.carovana.model.MigrationPhase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the pods of a move say to carovana-runc, also after a restart of their nodes. */
@OnControllerBed
class PodMarksIT {
    private final ControllerBed bed;

    PodMarksIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    private String mark(String pod, String annotation) {
        return bed.pod(pod).getMetadata().getAnnotations().get(annotation);
    }

    @Test
    void aSourceIsFencedBeforeItFreezesAndTheDestinationIsFreeAfterwards() {
        bed.running("marked");
        Gate freezing = bed.sites().agent("edge-a").stopBefore(Step.FREEZING);
        bed.wish("marked", "edge-b");
        freezing.awaitReached();
        String uid = bed.migration("marked-2").getMetadata().getUid();

        assertThat(mark("marked-1", Carovana.FENCED_BY_ANNOTATION)).isEqualTo(uid);
        assertThat(mark("marked-2", Carovana.MIGRATION_ANNOTATION)).isEqualTo(uid);
        assertThat(mark("marked-2", Carovana.FENCED_BY_ANNOTATION)).isNull();
        freezing.open();
        bed.awaitSettled("marked-2");

        assertThat(mark("marked-2", Carovana.MIGRATION_ANNOTATION)).isEmpty();
        bed.sites().agent("edge-b").reset();
        bed.wish("marked", "edge-a");
        assertThat(bed.awaitSettled("marked-3").phase()).as("it moves on").isEqualTo(MigrationPhase.Succeeded);
        assertThat(mark("marked-3", Carovana.FENCED_BY_ANNOTATION))
                .as("of the other pod")
                .isNullOrEmpty();
    }

    @Test
    void aSourceThatStaysIsFree() {
        bed.running("stays");
        bed.sites().agent("edge-a").failAt(Step.DUMPED, "DumpFailed");
        bed.wish("stays", "edge-b");

        assertThat(bed.awaitSettled("stays-2").phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(mark("stays-1", Carovana.FENCED_BY_ANNOTATION)).isEmpty();
        bed.awaitInstance("stays", i -> isRunningAt(i, "edge-a"));
    }
}
