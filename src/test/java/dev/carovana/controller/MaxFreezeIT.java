// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.MigrationPhase;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of a pod's files counts for {@code max-freeze}, by the packaged controller against a real kube-apiserver. */
@OnControllerBed
class MaxFreezeIT {
    private final ControllerBed bed;

    MaxFreezeIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @AfterEach
    void atMostOneCopyExecuted() {
        assertThat(bed.sites().copies().violations()).isEmpty();
    }

    private MigrationStatus moved(String instance, PreflightResult.Builder files) {
        bed.function("brisk", Map.of(FunctionContract.MAX_FREEZE, "1s"));
        bed.create(instance, "brisk", "edge-a");
        bed.awaitInstance(instance, i -> isRunningAt(i, "edge-a"));
        bed.sites().agent("edge-a").files(files.build());
        bed.wish(instance, "edge-b");
        return bed.awaitSettled(instance + "-2");
    }

    @Test
    void filesThatAreSentBeforeTheFreezeDoNotLengthenIt() {
        MigrationStatus moved = moved(
                "still", PreflightResult.newBuilder().setFilesBytes(1 << 30).setLateFilesBytes(0));

        assertThat(moved.phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    @Test
    void filesOfWhichAnOldAgentDoesNotSayWhenTheyAreSentDo() {
        MigrationStatus refused = moved("untold", PreflightResult.newBuilder().setFilesBytes(1 << 30));

        assertThat(refused.reason()).isEqualTo("PreflightMaxFreeze");
    }

    @Test
    void howManyFilesThereAreCountsToo() {
        MigrationStatus refused =
                moved("many", PreflightResult.newBuilder().setLateFilesBytes(0).setFiles(40_000));

        assertThat(refused.reason()).isEqualTo("PreflightMaxFreeze");
    }
}
