// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.MigrationPhase;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Functions with {@code max-freeze}, by the packaged controller against a real kube-apiserver. */
@ExtendWith(ControllerBed.Extension.class)
class MaxFreezeIT {
    private final ControllerBed bed;

    MaxFreezeIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    private MigrationStatus moved(String instance, String maxFreeze, PreflightResult.Builder files) {
        bed.function("hasty", Map.of(FunctionContract.MAX_FREEZE, maxFreeze));
        bed.create(instance, "hasty", "edge-a");
        bed.awaitInstance(instance, i -> isRunningAt(i, "edge-a"));
        bed.sites().agent("edge-a").files(files.build());
        bed.wish(instance, "edge-b");
        return bed.awaitSettled(instance + "-2");
    }

    @Test
    void theExpectedFreezeIsTooLong() {
        MigrationStatus refused = moved("hasty-one", "10ms", PreflightResult.newBuilder());

        assertThat(refused.reason()).isEqualTo("PreflightMaxFreeze");
        assertThat(refused.message()).contains("carovana.dev/max-freeze", "10 ms");
        assertThat(bed.instance("hasty-one").getStatus().site()).isEqualTo("edge-a");
    }

    @Test
    void filesThatAreSentBeforeTheFreezeDoNotLengthenIt() {
        MigrationStatus moved = moved(
                "hasty-two",
                "1s",
                PreflightResult.newBuilder().setFilesBytes(1 << 30).setLateFilesBytes(0));

        assertThat(moved.phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    @Test
    void filesOfWhichAnOldAgentDoesNotSayWhenTheyAreSentDo() {
        MigrationStatus refused =
                moved("hasty-three", "1s", PreflightResult.newBuilder().setFilesBytes(1 << 30));

        assertThat(refused.reason()).isEqualTo("PreflightMaxFreeze");
    }
}
