// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.link.v1.AppArmor;
import dev.carovana.link.v1.Confinement;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong on the way, and a controller that is killed at every step. */
@OnControllerBed
class FailuresIT {
    private final ControllerBed bed;

    FailuresIT(ControllerBed bed) {
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

    /** The source runs on, nothing is left, the instance is free, and everybody can read why. */
    private MigrationStatus rolledBack(String instance) {
        MigrationStatus status = bed.awaitSettled(instance + "-2");
        assertThat(status.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(bed.sites().copies().of(instance)).isEqualTo(Set.of(instance + "-1"));
        assertThat(bed.pod(instance + "-2")).isNull();
        bed.awaitInstance(instance, i -> isRunningAt(i, "edge-a"));
        String told = status.reason() + ": " + status.message().substring(0, 10);
        await().untilAsserted(
                        () -> assertThat(bed.eventsAbout(instance + "-2")).anyMatch(event -> event.startsWith(told)));
        return status;
    }

    @ParameterizedTest(name = "{0} fails {1} with {2}")
    @CsvSource({
        "edge-b, HELD, TmpfsFull",
        "edge-a, PRECOPIED, TransferFailed",
        "edge-a, FREEZING, FreezeTimeout",
        "edge-a, DUMPED, DumpFailed",
        "edge-a, END_SENT, TransferFailed",
        "edge-b, RECEIVED, DigestMismatch",
        "edge-b, RESTORED, RestoreFailed"
    })
    void rollsBack(String site, Step step, String reason) {
        String name = "fails-" + step.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        bed.running(name);
        bed.sites().agent(site).failAt(step, reason);

        bed.wish(name, "edge-b");

        MigrationStatus status = rolledBack(name);
        assertThat(status.reason()).isIn(reason, "TransferFailed");
        assertThat(status.message()).contains("site edge-");
    }

    @Test
    void refusedByPreflight() {
        bed.running("refused");
        bed.sites().agent("edge-b").object("TmpfsFull", "no room on the tmpfs");

        bed.wish("refused", "edge-b");

        MigrationStatus status = rolledBack("refused");
        assertThat(status.reason()).isEqualTo("PreflightTmpfsFull");
        assertThat(status.message()).contains("no room");
        assertThat(bed.sites().agent("edge-b").heard()).noneMatch(order -> order.startsWith("PREPARE"));
    }

    @Test
    void refusedSinceItWouldNotBeConfined() {
        bed.running("confined");
        PreflightResult none = PreflightResult.newBuilder()
                .setAppArmor(AppArmor.getDefaultInstance())
                .build();
        Confinement confined = Confinement.newBuilder()
                .setContainer("main")
                .setProfile("foo (enforce)")
                .build();
        bed.sites()
                .agent("edge-a")
                .files(none.toBuilder().addConfinements(confined).build());
        bed.sites().agent("edge-b").files(none);

        bed.wish("confined", "edge-b");

        assertThat(rolledBack("confined").reason()).isEqualTo("PreflightAppArmorAbsent");
        assertThat(bed.sites().agent("edge-a").heard()).noneMatch(order -> order.startsWith("PRE_COPY"));
    }

    @Test
    void theExpectedFreezeIsTooLong() {
        bed.function("hasty", Map.of("carovana.dev/max-freeze", "10ms"));
        bed.create("hasty-one", "hasty", "edge-a");
        bed.awaitInstance("hasty-one", i -> isRunningAt(i, "edge-a"));

        bed.wish("hasty-one", "edge-b");

        MigrationStatus status = rolledBack("hasty-one");
        assertThat(status.reason()).isEqualTo("PreflightMaxFreeze");
        assertThat(status.message()).contains("carovana.dev/max-freeze", "10 ms");
    }

    @Test
    void noAgentAtTheDestination() {
        bed.running("absent");
        bed.sites().agent("edge-b").link().disconnect();

        bed.wish("absent", "edge-b");

        assertThat(rolledBack("absent").reason()).isEqualTo("PreflightAgentAbsent");
    }

    @Test
    void anAgentThatIsBackWithinSecondsWasNotAway() {
        bed.running("back");
        bed.sites().agent("edge-b").link().disconnect();
        await().until(() -> bed.readiness("edge-b").equals("False"));

        bed.wish("back", "edge-b");
        bed.awaitMigration("back-2", s -> s.phase() == MigrationPhase.Preparing);
        bed.sites().agent("edge-b").link().connect();

        bed.awaitInstance("back", i -> isRunningAt(i, "edge-b"));
    }

    @Test
    void anAgentThatIsTooOld() {
        bed.running("old");
        bed.sites().agent("edge-b").link().speak(0);
        await().until(() -> bed.readiness("edge-b").equals("False"));

        bed.wish("old", "edge-b");

        MigrationStatus status = rolledBack("old");
        assertThat(status.reason()).isEqualTo("PreflightAgentRefused");
        assertThat(status.message()).contains("link protocol 0, expected 1");
    }

    @Test
    void anAgentThatClaimsAnotherSite() {
        bed.sites().agent("edge-b").link().claim("edge-a");

        await().until(() -> bed.readiness("edge-b").equals("False"));
        assertThat(bed.readiness("edge-a")).isEqualTo("True");
    }

    @Test
    void theImageCannotBePulled() {
        bed.running("noimage");
        bed.sites().kubelet().breakImagesAt("edge-b");

        bed.wish("noimage", "edge-b");

        MigrationStatus status = rolledBack("noimage");
        assertThat(status.reason()).isEqualTo("ImagePull");
        assertThat(status.message()).contains("main", "manifest unknown");
    }

    /** The order to hand over is lost and the destination never comes back: the hub does not wait for ever. */
    @Test
    void theHandoverNeverBegins() {
        bed.running("deaf");
        bed.sites().agent("edge-a").ignore(ToAgent.BodyCase.HANDOVER);

        bed.wish("deaf", "edge-b");

        MigrationStatus status = rolledBack("deaf");
        assertThat(status.reason()).isEqualTo("Aborted");
        assertThat(status.message()).contains("no handover within");
        assertThat(status.conditions())
                .as("while the source had not answered")
                .anyMatch(c -> c.getType().equals("Stopping") && c.getReason().equals("HandoverTimeout"));
    }

    /** As an agent does that does not know the order. */
    @Test
    void theSourceNeverGetsReady() {
        bed.running("unready");
        bed.sites().agent("edge-a").ignore(ToAgent.BodyCase.PRE_COPY);

        bed.wish("unready", "edge-b");

        assertThat(rolledBack("unready").reason()).isEqualTo("PreCopyTimeout");
    }

    /** The pod runs: nobody waits for an agent that is away, and it gives up when it is back. */
    @Test
    void theSourcesAgentGoesAwayBeforeItIsReady() {
        bed.running("gone");
        FakeAgent source = bed.sites().agent("edge-a");
        Gate gate = source.stopBefore(Step.PRECOPIED);
        bed.wish("gone", "edge-b");
        gate.awaitReached();
        String uid = bed.migration("gone-2").getMetadata().getUid();
        source.link().disconnect();

        assertThat(bed.awaitSettled("gone-2").reason()).isEqualTo("PreCopyTimeout");
        assertThat(bed.sites().copies().of("gone")).containsExactly("gone-1");
        source.link().connect();
        await().until(() -> source.stepOf(Side.SOURCE, uid).isEmpty());
    }

    @Test
    void theSourcesAgentIsRestartedBeforeTheHandover() {
        bed.running("anew");
        FakeAgent source = bed.sites().agent("edge-a");
        Gate gate = source.stopBefore(Step.PRECOPIED);
        bed.wish("anew", "edge-b");
        gate.awaitReached();
        source.restart(bed.migration("anew-2").getMetadata().getUid());

        assertThat(rolledBack("anew").reason()).isEqualTo("AgentRestarted");
    }

    @Test
    void theDestinationGivesUpWhileTheSourceGetsReady() {
        bed.running("alone");
        FakeAgent source = bed.sites().agent("edge-a");
        Gate gate = source.stopBefore(Step.PRECOPIED);
        bed.wish("alone", "edge-b");
        gate.awaitReached();
        String uid = bed.migration("alone-2").getMetadata().getUid();
        bed.sites().agent("edge-b").giveUp(uid, "AgentRestarted");

        assertThat(rolledBack("alone").reason()).isEqualTo("AgentRestarted");
        assertThat(source.heard()).contains(ToAgent.BodyCase.ABORT + " " + uid);
    }

    @Test
    void aRolledBackMoveIsTriedAgainWhenTheWishChanges() {
        bed.running("again");
        bed.sites().agent("edge-a").failAt(Step.DUMPED, "DumpFailed");
        bed.wish("again", "edge-b");
        rolledBack("again");
        bed.sites().agent("edge-a").reset();

        bed.wish("again", "edge-a");
        bed.wish("again", "edge-b");

        assertThat(bed.awaitSettled("again-3").phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    /** R5: END was sent and the destination cannot be asked: nobody runs until an administrator says who. */
    @ParameterizedTest
    @CsvSource({"source, RolledBack, edge-a", "destination, Succeeded, edge-b"})
    void inDoubtAnAdministratorDecides(String word, MigrationPhase end, String site) {
        String name = "doubt-" + word;
        bed.running(name);
        FakeAgent destination = bed.sites().agent("edge-b");
        Gate end1 = bed.sites().agent("edge-a").stopBefore(Step.END_SENT);
        bed.wish(name, "edge-b");
        end1.awaitReached();
        destination.link().disconnect();
        destination.reachable(false);
        end1.open();
        bed.awaitMigration(name + "-2", s -> s.phase() == MigrationPhase.InDoubt);
        assertThat(bed.sites().copies().of(name)).isEmpty();

        bed.client()
                .resource(bed.migration(name + "-2"))
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"carovana.dev/decision\":\"" + word + "\"}}}");

        assertThat(bed.awaitSettled(name + "-2").phase()).isEqualTo(end);
        bed.awaitInstance(name, i -> isRunningAt(i, site));
    }

    /** R8: killed at any step, started again, it finds out from the status and the agents where it was. */
    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"HELD", "PRECOPIED", "FREEZING", "FROZEN", "DUMPED", "RECEIVED", "END_SENT", "RESTORED"})
    void theControllerIsKilled(Step step) {
        String name = "killed-" + step.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        bed.running(name);
        boolean atDestination = Set.of(Step.HELD, Step.RECEIVED, Step.RESTORED).contains(step);
        Gate gate = bed.sites().agent(atDestination ? "edge-b" : "edge-a").stopBefore(step);
        bed.wish(name, "edge-b");
        gate.awaitReached();

        bed.controller().kill();
        gate.open();
        bed.controller().start();

        assertThat(bed.awaitSettled(name + "-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        bed.awaitInstance(name, i -> isRunningAt(i, "edge-b"));
        assertThat(bed.sites().copies().of(name)).containsExactly(name + "-2");
        assertThat(bed.pod(name + "-1")).isNull();
    }

    /** ... and when the move fails while it is away. */
    @Test
    void theMoveFailsWhileTheControllerIsAway() {
        bed.running("away");
        Gate gate = bed.sites().agent("edge-a").stopBefore(Step.DUMPED);
        bed.wish("away", "edge-b");
        gate.awaitReached();
        bed.sites().agent("edge-a").failAt(Step.DUMPED, "DumpFailed");

        bed.controller().kill();
        gate.open();
        bed.controller().start();

        assertThat(rolledBack("away").reason()).isEqualTo("DumpFailed");
    }
}
