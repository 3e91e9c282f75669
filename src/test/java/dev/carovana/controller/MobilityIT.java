// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.Step;
import dev.carovana.model.MigrationPhase;
import dev.carovana.rest.Hub;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mobility events at the packaged controller, with its reconcilers and fake agents. */
@OnControllerBed
class MobilityIT {
    private final ControllerBed bed;
    private String token;

    MobilityIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
        Hub hub = new Hub(bed.client());
        hub.accounts();
        token = hub.token("admin");
        // the first request of a process takes seconds
        assertThat(says("nobody", "completed", "edge-b")).isEqualTo("NoInstance");
    }

    @AfterEach
    void atMostOneCopyExecuted() {
        assertThat(bed.sites().copies().violations()).isEmpty();
    }

    /** What the first event's first instance is told. */
    private String says(String instance, String phase, String to) {
        JsonPath answer = given().auth()
                .oauth2(token)
                .contentType("application/cloudevents+json")
                .body(
                        """
                        {"specversion":"1.0","id":"%s","source":"//ran","type":"dev.carovana.user.moved.v1",
                         "data":{"user":{"id":"user-of-%s"},"to":{"cluster":"%s"},"phase":"%s"}}"""
                                .formatted(UUID.randomUUID(), instance, to, phase))
                .post(bed.controller().uri("/events"))
                .then()
                .statusCode(202)
                .extract()
                .jsonPath();
        List<String> actions = answer.getList("accepted.action");
        return actions.isEmpty() ? answer.getString("refused[0].code") : actions.getFirst();
    }

    private List<String> migrationsOf(String instance) {
        return bed.client().resources(Migration.class).inNamespace(ControllerBed.NAMESPACE).list().getItems().stream()
                .filter(m -> m.getSpec().instance().equals(instance))
                .map(m -> m.getMetadata().getName())
                .toList();
    }

    @Test
    void tenQuickMovesEndInOneMigrationToTheLastSite() {
        bed.running("border");

        for (int move = 0; move < 8; move++) {
            String to = move % 2 == 0 ? "edge-b" : "edge-a";
            assertThat(says("border", "completed", to)).isEqualTo(move % 2 == 0 ? "Moving" : "HeldBack");
        }
        says("border", "completed", "edge-a");
        says("border", "completed", "edge-b");

        assertThat(bed.awaitSettled("border-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        FunctionInstance there = bed.awaitInstance("border", i -> isRunningAt(i, "edge-b"));
        assertThat(there.getSpec().site()).isEqualTo("edge-b");
        assertThat(there.getMetadata().getAnnotations()).doesNotContainKey("carovana.dev/held-site");
        assertThat(migrationsOf("border")).containsExactly("border-2");
    }

    @Test
    void aReturnThatIsHeldBackOutlivesTheController() {
        bed.running("returns");
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        assertThat(says("returns", "completed", "edge-b")).isEqualTo("Moving");
        assertThat(says("returns", "completed", "edge-a")).isEqualTo("HeldBack");
        held.awaitReached();

        bed.controller().kill();
        held.open();
        bed.controller().start();

        bed.awaitInstance("returns", i -> i.getSpec().site().equals("edge-a"));
        FunctionInstance back = bed.awaitInstance("returns", i -> isRunningAt(i, "edge-a"));
        assertThat(back.getMetadata().getAnnotations())
                .doesNotContainKey("carovana.dev/held-site")
                .containsEntry("carovana.dev/moved-from", "edge-b");
    }

    @Test
    void whatIsCancelledBeforeTheHandoverIsAborted() {
        bed.running("cancelled");
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        says("cancelled", "in-progress", "edge-b");
        held.awaitReached();

        assertThat(says("cancelled", "cancelled", "edge-b")).isEqualTo("Aborted");

        await().until(() -> bed.migration("cancelled-2") == null);
        FunctionInstance stays = bed.awaitInstance("cancelled", i -> isRunningAt(i, "edge-a"));
        assertThat(stays.getSpec().site()).isEqualTo("edge-a");
        assertThat(bed.sites().copies().of("cancelled")).containsExactly("cancelled-1");
    }

    @Test
    void whatIsCancelledAfterTheHandoverGoesOn() {
        bed.running("handed");
        Gate restored = bed.sites().agent("edge-b").stopBefore(Step.RESTORED);
        says("handed", "in-progress", "edge-b");
        restored.awaitReached();
        bed.awaitMigration("handed-2", s -> s.phase() == MigrationPhase.Restoring);

        assertThat(says("handed", "cancelled", "edge-b")).isEqualTo("HandedOver");

        restored.open();
        bed.awaitInstance("handed", i -> isRunningAt(i, "edge-b"));
    }

    @Test
    void aWishThatHasChangedIsNotTakenBackByTheMigrationThatCameOfIt() {
        bed.running("overtaken");
        Migration late = new Migration();
        late.setMetadata(new ObjectMetaBuilder()
                .withName("overtaken-2")
                .withNamespace(ControllerBed.NAMESPACE)
                .withAnnotations(Map.of("carovana.dev/instance-generation", "1"))
                .build());
        late.setSpec(new MigrationSpec("overtaken", "edge-b", MigrationSpec.Reason.UserMobility, null, null));
        bed.client().resource(late).create();

        MigrationStatus refused = bed.awaitSettled("overtaken-2");

        assertThat(refused.reason()).isEqualTo("WishChanged");
        assertThat(bed.instance("overtaken").getSpec().site()).isEqualTo("edge-a");
        assertThat(bed.instance("overtaken").getStatus().migration()).isNull();
    }
}
