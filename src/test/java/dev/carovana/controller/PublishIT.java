// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.model.MigrationPhase;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the packaged controller tells a sink about migrations. */
@OnControllerBed
class PublishIT {
    private final ControllerBed bed;

    PublishIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @AfterEach
    void up() {
        bed.sink().setDown(false);
    }

    private JsonPath awaitTold(String migration) {
        await("told of " + migration)
                .atMost(Duration.ofSeconds(40))
                .until(() -> !bed.sink().about(migration).isEmpty());
        return JsonPath.from(bed.sink().about(migration).getFirst());
    }

    private void awaitRemembered(String migration) {
        await().until(() -> bed.migration(migration).getMetadata().getAnnotations().keySet().stream()
                .anyMatch(key -> key.startsWith("sinks.carovana.dev/")));
    }

    @Test
    void tellsThatAnInstanceHasMovedButNotWhose() {
        bed.running("told");
        bed.wish("told", "edge-b");

        JsonPath event = awaitTold("told-2");

        assertThat(bed.instance("told").getStatus().podName())
                .as("it is found there")
                .isEqualTo("told-2");
        assertThat(event.getString("specversion")).isEqualTo("1.0");
        assertThat(event.getString("type")).isEqualTo("dev.carovana.instance.moved.v1");
        assertThat(event.getString("id"))
                .isEqualTo(bed.migration("told-2").getMetadata().getUid() + "/Succeeded");
        assertThat(event.getString("source")).endsWith("/namespaces/functions/migrations/told-2");
        assertThat(event.getString("time")).endsWith("Z");
        assertThat(event.getString("data.instance")).isEqualTo("told");
        assertThat(event.getString("data.from")).isEqualTo("edge-a");
        assertThat(event.getString("data.to")).isEqualTo("edge-b");
        assertThat(event.getInt("data.epoch")).isEqualTo(2);
        assertThat(event.getDouble("data.freezeMillis")).isEqualTo(123.456);
        assertThat(bed.sink().about("told-2").getFirst()).doesNotContain("user-of-told");
    }

    @Test
    void aRestartTellsNothingAgain() {
        bed.running("once");
        bed.wish("once", "edge-b");
        awaitTold("once-2");
        awaitRemembered("once-2");
        bed.awaitSettled("once-2");

        bed.controller().kill();
        bed.controller().start();
        bed.reset();
        bed.wish("once", "edge-a");
        awaitTold("once-3");

        assertThat(bed.sink().about("once-2")).hasSize(1);
    }

    @Test
    void aSinkThatWasDownIsToldWhenItIsBackEvenByAnotherController() {
        bed.sink().setDown(true);
        bed.running("later");
        bed.wish("later", "edge-b");
        await().atMost(Duration.ofSeconds(40)).until(() -> bed.sink().hasRefused("later-2"));
        assertThat(bed.awaitSettled("later-2").phase())
                .as("moves do not wait for sinks")
                .isEqualTo(MigrationPhase.Succeeded);
        bed.awaitInstance("later", i -> isRunningAt(i, "edge-b"));

        bed.controller().kill();
        bed.sink().setDown(false);
        bed.controller().start();

        assertThat(awaitTold("later-2").getString("type")).isEqualTo("dev.carovana.instance.moved.v1");
    }

    @Test
    void tellsThatAMigrationHasFailedAndWhy() {
        bed.running("failed");
        bed.site("edge-b", true, null);
        bed.wish("failed", "edge-b");

        JsonPath event = awaitTold("failed-2");

        assertThat(event.getString("type")).isEqualTo("dev.carovana.migration.failed.v1");
        assertThat(event.getString("data.phase")).isEqualTo("RolledBack");
        assertThat(event.getString("data.reason")).isEqualTo("PreflightSiteCordoned");
    }
}
