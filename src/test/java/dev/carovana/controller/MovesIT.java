// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.MigrationStatus.Transition;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged controller against a real kube-apiserver and agents on real links: moves, and what instances do otherwise. */
@OnControllerBed
class MovesIT {
    private final ControllerBed bed;

    MovesIT(ControllerBed bed) {
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

    @Test
    void movesThereAndBack() throws Exception {
        FunctionInstance before = bed.running("there");
        Pod first = bed.pod("there-1");
        assertThat(before.getStatus().epoch()).isEqualTo(1);
        assertThat(first.getSpec().getRuntimeClassName()).isEqualTo("carovana");
        assertThat(first.getSpec().getHostname()).isEqualTo("there");

        bed.wish("there", "edge-b");
        MigrationStatus moved = bed.awaitSettled("there-2");

        assertThat(moved.phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(moved.transitions().stream().map(Transition::phase))
                .containsExactly(
                        MigrationPhase.Preparing,
                        MigrationPhase.PreCopying,
                        MigrationPhase.Draining,
                        MigrationPhase.Handover,
                        MigrationPhase.Restoring,
                        MigrationPhase.Succeeded);
        assertThat(moved.transitions().stream().map(Transition::at))
                .allMatch(at -> at.matches(".*T\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z"))
                .isSorted();
        assertThat(moved.from()).isEqualTo("edge-a");
        assertThat(moved.freezeMillis()).isEqualTo(123.456);
        assertThat(moved.totalMillis()).isPositive();
        assertThat(moved.bytesSent()).isEqualTo(1000);
        assertThat(moved.sourcePodUid()).isEqualTo("uid-at-node-of-edge-a");
        assertThat(moved.destinationNode()).isEqualTo("node-of-edge-b");
        assertThat(moved.containers()).singleElement().satisfies(c -> {
            assertThat(c.name()).isEqualTo("main");
            assertThat(c.frozenAt()).isEqualTo("1970-01-01T00:00:01.000000Z");
            assertThat(c.restoredAt()).isEqualTo("1970-01-01T00:00:01.123456Z");
            assertThat(c.bytesDumped()).isEqualTo(4000);
        });
        assertThat(moved.conditions().stream()
                        .filter(c -> c.getStatus().equals("True"))
                        .map(c -> c.getType()))
                .containsExactlyInAnyOrder("Preflight", "Prepared", "HandedOver", "Restored", "Succeeded", "Settled");
        Pod second = bed.pod("there-2");
        FunctionInstance there = bed.awaitInstance("there", i -> isRunningAt(i, "edge-b"));
        assertThat(there.getStatus().podName()).isEqualTo("there-2");
        assertThat(there.getStatus().podUid()).isEqualTo(second.getMetadata().getUid());
        assertThat(there.getStatus().address()).isEqualTo(second.getStatus().getPodIP());
        assertThat(there.getStatus().epoch()).isEqualTo(2);
        assertThat(there.getStatus().lastMigration()).isEqualTo("there-2");
        assertThat(second.getSpec().getContainers().getFirst().getImage()).contains(FakeKubelet.DIGEST);
        assertThat(bed.pod("there-1")).isNull();
        String uid = bed.migration("there-2").getMetadata().getUid();
        for (String site : List.of("edge-a", "edge-b")) {
            FakeAgent agent = bed.sites().agent(site);
            await().until(() -> agent.heard().contains(ToAgent.BodyCase.FINISH + " " + uid));
        }
        assertThat(bed.eventsAbout("there-2")).containsExactly("Succeeded: moved to edge-b");
        assertThat(bed.controller().metrics())
                .contains("carovana_migrations_total{phase=\"Succeeded\"")
                .contains("carovana_migration_freeze_seconds_bucket");

        bed.wish("there", "edge-a");
        assertThat(bed.awaitSettled("there-3").phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(bed.sites().copies().of("there")).containsExactly("there-3");
    }

    @Test
    void manyWishesEndAtTheLast() {
        bed.running("wishes");
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        bed.wish("wishes", "edge-b");
        held.awaitReached();
        for (int i = 0; i < 10; i++) {
            bed.wish("wishes", i % 2 == 0 ? "edge-a" : "edge-b");
        }
        held.open();

        assertThat(bed.awaitSettled("wishes-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        bed.awaitInstance("wishes", i -> isRunningAt(i, "edge-b"));
        assertThat(bed.migration("wishes-3")).isNull();
    }

    @Test
    void deletingBeforeTheHandoverWithdrawsTheWish() {
        bed.running("deleted");
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        bed.wish("deleted", "edge-b");
        held.awaitReached();

        bed.client().resource(bed.migration("deleted-2")).delete();

        await().until(() -> bed.migration("deleted-2") == null);
        FunctionInstance instance = bed.awaitInstance("deleted", i -> isRunningAt(i, "edge-a"));
        assertThat(instance.getSpec().site()).isEqualTo("edge-a");
        assertThat(bed.pod("deleted-2")).isNull();
        assertThat(bed.sites().copies().of("deleted")).containsExactly("deleted-1");
    }

    @Test
    void deletingWhileTheSourceGetsReadyEndsItThereToo() {
        bed.running("unwanted");
        FakeAgent source = bed.sites().agent("edge-a");
        Gate ready = source.stopBefore(Step.PRECOPIED);
        bed.wish("unwanted", "edge-b");
        ready.awaitReached();
        String uid = bed.migration("unwanted-2").getMetadata().getUid();

        bed.client().resource(bed.migration("unwanted-2")).delete();

        await().until(() -> bed.migration("unwanted-2") == null);
        assertThat(source.heard())
                .contains(ToAgent.BodyCase.ABORT + " " + uid)
                .doesNotContain(ToAgent.BodyCase.HANDOVER + " " + uid);
        bed.awaitInstance("unwanted", i -> isRunningAt(i, "edge-a"));
        assertThat(bed.sites().copies().of("unwanted")).containsExactly("unwanted-1");
    }

    @Test
    void deletingAfterTheHandoverIsTooLate() {
        bed.running("late");
        Gate restored = bed.sites().agent("edge-b").stopBefore(Step.RESTORED);
        bed.wish("late", "edge-b");
        restored.awaitReached();

        bed.client().resource(bed.migration("late-2")).delete();
        bed.awaitMigration("late-2", s -> s.phase() == MigrationPhase.Restoring);
        restored.open();

        await().atMost(Duration.ofSeconds(20)).until(() -> bed.migration("late-2") == null);
        bed.awaitInstance("late", i -> isRunningAt(i, "edge-b"));
        assertThat(bed.sites().copies().of("late")).containsExactly("late-2");
    }

    @Test
    void aSecondMigrationOfTheSameInstanceIsRefused() {
        bed.running("busy");
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        bed.wish("busy", "edge-b");
        held.awaitReached();

        Migration second = new Migration();
        second.setMetadata(new ObjectMetaBuilder()
                .withName("busy-by-hand")
                .withNamespace(ControllerBed.NAMESPACE)
                .build());
        second.setSpec(new MigrationSpec("busy", "edge-a", MigrationSpec.Reason.Manual, null, null));
        bed.client().resource(second).create();
        MigrationStatus refused = bed.awaitSettled("busy-by-hand");
        held.open();

        assertThat(refused.phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(refused.reason()).isEqualTo("InstanceBusy");
        assertThat(refused.message()).contains("busy-2");
        assertThat(bed.awaitSettled("busy-2").phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    @Test
    void aMigrationByHandIsAWishToo() {
        bed.running("hand");
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName("hand-2")
                .withNamespace(ControllerBed.NAMESPACE)
                .build());
        migration.setSpec(new MigrationSpec("hand", "edge-b", MigrationSpec.Reason.Drain, null, null));
        bed.client().resource(migration).create();

        assertThat(bed.awaitSettled("hand-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        assertThat(bed.instance("hand").getSpec().site()).isEqualTo("edge-b");
        assertThat(bed.migration("hand-3")).isNull();
        assertThat(bed.migration("hand-2").getMetadata().getOwnerReferences())
                .as("it goes when its instance goes")
                .extracting(OwnerReference::getUid)
                .containsExactly(bed.instance("hand").getMetadata().getUid());
    }

    @Test
    void aLostPodStartsColdAndSaysSo() {
        bed.running("lost");

        bed.client().resource(bed.pod("lost-1")).delete();

        FunctionInstance again = bed.awaitInstance(
                "lost", i -> isRunningAt(i, "edge-a") && i.getStatus().epoch() == 2);
        assertThat(condition(again, "StateLost")).isEqualTo("True PodLost");
        assertThat(bed.eventsAbout("lost")).anyMatch(e -> e.startsWith("StateLost: pod lost-1"));
        assertThat(bed.sites().copies().of("lost")).containsExactly("lost-2");
    }

    @Test
    void aRestartedContainerHasLostItsState() {
        bed.running("restarted");

        bed.sites().kubelet().restartContainer(bed.pod("restarted-1"));

        FunctionInstance told =
                bed.awaitInstance("restarted", i -> condition(i, "StateLost").startsWith("True"));
        assertThat(condition(told, "StateLost")).isEqualTo("True ContainerRestarted");
        assertThat(told.getStatus().epoch()).isEqualTo(1);
    }

    @Test
    void aDestinationPodThatIsLostAtOnceIsNotAnInstanceForever() {
        bed.running("shortlived");
        Gate restored = bed.sites().agent("edge-b").stopBefore(Step.RESTORED);
        bed.wish("shortlived", "edge-b");
        restored.awaitReached();
        bed.client().resource(bed.pod("shortlived-2")).delete();
        await().until(() -> bed.pod("shortlived-2") == null);
        restored.open();

        FunctionInstance again = bed.awaitInstance(
                "shortlived", i -> isRunningAt(i, "edge-b") && i.getStatus().epoch() == 3);
        assertThat(condition(again, "StateLost")).isEqualTo("True PodLost");
    }

    @Test
    void aCordonedOrFullSiteTakesNoNewInstance() {
        bed.site("edge-b", true, null);
        bed.create("cordoned", "cart", "edge-b");
        FunctionInstance refused =
                bed.awaitInstance("cordoned", i -> condition(i, "Ready").startsWith("False Site"));
        assertThat(condition(refused, "Ready")).isEqualTo("False SiteCordoned");
        assertThat(bed.pod("cordoned-1")).isNull();

        bed.site("edge-b", null, 0);
        bed.awaitInstance("cordoned", i -> condition(i, "Ready").equals("False SiteLimit"));

        bed.site("edge-b", null, null);
        bed.awaitInstance("cordoned", i -> isRunningAt(i, "edge-b"));
    }

    @Test
    void aWrongLabelIsToldAtTheFunctionAndAtTheInstance() {
        bed.function("wrong", Map.of("carovana.dev/max-freeze", "soon", "carovana.dev/on-failure", "panic"));
        bed.create("of-wrong", "wrong", "edge-a");

        FunctionInstance instance =
                bed.awaitInstance("of-wrong", i -> condition(i, "Ready").equals("False FunctionContract"));
        assertThat(Conditions.find(instance.getStatus().conditions(), "Ready").getMessage())
                .contains("max-freeze", "'soon'", "on-failure", "'panic'");
        await().untilAsserted(
                        () -> assertThat(bed.eventsAbout("wrong"))
                                .containsExactlyInAnyOrder(
                                        "FunctionContract: annotation carovana.dev/max-freeze is 'soon', expected a duration such as 500ms or 2s",
                                        "FunctionContract: annotation carovana.dev/on-failure is 'panic', expected 'keep' or 'cold-start'"));
        assertThat(bed.pod("of-wrong-1")).isNull();
    }

    @Test
    void keepsTheLastMigrations() {
        bed.running("often");
        List<String> ends = List.of("edge-b", "edge-a");
        for (int move = 0; move < 13; move++) {
            bed.wish("often", ends.get(move % 2));
            bed.awaitSettled("often-" + (move + 2));
        }
        assertThat(bed.migration("often-2")).isNull();
        assertThat(bed.migration("often-14")).isNotNull();
        assertThat(bed.instance("often").getStatus().epoch()).isEqualTo(14);
    }

    private static String condition(FunctionInstance instance, String type) {
        return instance.getStatus() == null || instance.getStatus().conditions() == null
                ? ""
                : instance.getStatus().conditions().stream()
                        .filter(c -> c.getType().equals(type))
                        .map(c -> c.getStatus() + " " + c.getReason())
                        .findFirst()
                        .orElse("");
    }
}
