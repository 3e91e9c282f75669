// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.SlowApi.Mode;
import dev.carovana.link.v1.Step;
import dev.carovana.model.MigrationPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API server refuses connections for longer than any single look at an object is tried again by default. */
@OnControllerBed
class ApiOutageIT {
    /** Of a reconciler that fails; by default Java Operator SDK tries six times, and then not for ten hours. */
    private static final String FAILED = "Uncaught error during event processing";

    private static final int DEFAULT_ATTEMPTS = 6;

    private final ControllerBed bed;

    ApiOutageIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @AfterEach
    void open() {
        bed.api().become(Mode.OPEN);
    }

    @Test
    void aMoveGoesOnWhenTheApiServerIsBack() throws IOException {
        bed.running("outage");
        Gate restored = bed.sites().agent("edge-b").stopBefore(Step.RESTORED);
        bed.wish("outage", "edge-b");
        restored.awaitReached();
        bed.awaitMigration("outage-2", s -> s.phase() == MigrationPhase.Restoring);

        bed.api().become(Mode.REFUSING);
        long before = failures("outage-2");
        restored.open();
        await("it is tried again, see " + bed.controller().log())
                .atMost(Duration.ofSeconds(60))
                .until(() -> failures("outage-2") - before > DEFAULT_ATTEMPTS);
        bed.api().become(Mode.OPEN);

        assertThat(bed.awaitSettled("outage-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        bed.awaitInstance("outage", i -> isRunningAt(i, "edge-b"));
    }

    private long failures(String object) throws IOException {
        return Files.readAllLines(bed.controller().log()).stream()
                .filter(line -> line.contains(FAILED) && line.contains(object))
                .count();
    }
}
