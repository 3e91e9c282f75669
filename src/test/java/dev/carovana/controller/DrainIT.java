// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus.Transition;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.api.v1alpha1.SiteStatus.DrainFailure;
import dev.carovana.link.v1.Step;
import dev.carovana.model.PlacementPolicy;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The packaged controller empties a site. */
@OnControllerBed
class DrainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SiteSpec.Location PISA = new SiteSpec.Location("43.7167", "10.4");
    private static final SiteSpec.Location ROME = new SiteSpec.Location("41.9", "12.5");
    private static final SiteSpec.Location SYDNEY = new SiteSpec.Location("-33.87", "151.21");

    private final ControllerBed bed;

    DrainIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void emptySites() {
        bed.reset();
        bed.empty();
    }

    @AfterEach
    void atMostOneCopyExecuted() {
        assertThat(bed.sites().copies().violations()).isEmpty();
        bed.reset();
    }

    private List<Migration> migrations() {
        return bed.client()
                .resources(Migration.class)
                .inNamespace(ControllerBed.NAMESPACE)
                .list()
                .getItems();
    }

    private void drain(PlacementPolicy policy, int maxConcurrent) {
        bed.hub().put("edge-a", true, null, new SiteSpec.Drain(policy, maxConcurrent), PISA);
    }

    private SiteStatus.Drain awaitDrained() {
        await("edge-a is empty")
                .atMost(PATIENCE)
                .until(() -> bed.hub().condition("edge-a", "Drained").equals("True"));
        return bed.hub().progress("edge-a");
    }

    private List<DrainFailure> awaitFailures() {
        return await("a failure is told")
                .atMost(PATIENCE)
                .until(
                        () -> bed.hub().progress("edge-a"),
                        d -> d != null && !d.failed().isEmpty())
                .failed();
    }

    private List<String> eventsAboutTheSite() {
        return bed.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(e -> "edge-a".equals(e.getInvolvedObject().getName()))
                .map(e -> e.getReason() + ": " + e.getMessage())
                .toList();
    }

    @Test
    void movesEveryInstanceAwayAFewAtATime() {
        List<String> names = IntStream.range(0, 5).mapToObj(i -> "few-" + i).toList();
        names.forEach(bed::running);

        drain(PlacementPolicy.LeastLoaded, 2);
        SiteStatus.Drain progress = awaitDrained();

        assertThat(progress.total()).isEqualTo(5);
        assertThat(progress.moved()).isEqualTo(5);
        assertThat(progress.remaining()).isZero();
        assertThat(progress.failed()).isEmpty();
        assertThat(names)
                .allSatisfy(name ->
                        assertThat(bed.instance(name).getStatus().site()).isIn("edge-b", "edge-c"));
        List<Migration> made = migrations();
        assertThat(made).hasSize(5).allMatch(m -> m.getSpec().reason() == MigrationSpec.Reason.Drain);
        assertThat(mostAtOnce(made)).isEqualTo(2);
    }

    /** Most migrations that were active at the same time. */
    private static long mostAtOnce(List<Migration> migrations) {
        return migrations.stream()
                .mapToLong(m -> migrations.stream()
                        .filter(o -> begin(o).compareTo(begin(m)) <= 0 && end(o).compareTo(begin(m)) > 0)
                        .count())
                .max()
                .orElse(0);
    }

    private static String begin(Migration migration) {
        return migration.getStatus().transitions().getFirst().at();
    }

    private static String end(Migration migration) {
        return migration.getStatus().transitions().stream()
                .filter(t -> t.phase().isFinal())
                .map(Transition::at)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatTheNearestSiteRefusesGoesToTheNext() {
        bed.hub().put("edge-b", null, null, null, SYDNEY);
        bed.hub().put("edge-c", null, null, null, ROME);
        bed.running("near");
        bed.sites().agent("edge-c").object("TmpfsFull", "no room on the tmpfs");

        drain(PlacementPolicy.Nearest, 2);
        awaitDrained();

        bed.awaitInstance("near", i -> isRunningAt(i, "edge-b"));
        assertThat(bed.migration("near-2").getSpec().to()).isEqualTo("edge-c");
        assertThat(bed.migration("near-3").getSpec().to()).isEqualTo("edge-b");
        assertThat(eventsAboutTheSite())
                .contains("DrainFailed: functions/near: PreflightTmpfsFull: to edge-c: no room on the tmpfs");
    }

    @Test
    void anInstanceWithNowhereToGoIsToldAndTheRestGoesOn() {
        bed.running("stays");
        bed.running("goes");
        bed.hub().put("edge-b", true, null, null, null);
        bed.hub().put("edge-c", null, 1, null, null);

        drain(PlacementPolicy.Nearest, 2);

        assertThat(awaitFailures()).singleElement().satisfies(failure -> {
            assertThat(failure.instance()).isEqualTo("stays");
            assertThat(failure.reason()).isEqualTo("NoSite");
            assertThat(failure.message())
                    .isEqualTo("site edge-b: spec.cordoned is true;"
                            + " site edge-c: spec.limits.maxInstances is 1 and 1 are there");
        });
        bed.awaitInstance("goes", i -> isRunningAt(i, "edge-c"));
        bed.hub().put("edge-b", null, null, null, null);
        assertThat(awaitDrained().moved()).isEqualTo(2);
        assertThat(bed.migration("stays-2").getSpec().to()).isEqualTo("edge-b");
    }

    @Test
    void aControllerThatIsKilledGoesOn() {
        List<String> names = IntStream.range(0, 3).mapToObj(i -> "killed-" + i).toList();
        names.forEach(bed::running);
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        bed.hub().put("edge-c", true, null, null, null);
        drain(PlacementPolicy.Nearest, 1);
        held.awaitReached();

        bed.controller().kill();
        held.open();
        bed.controller().start();

        SiteStatus.Drain progress = awaitDrained();
        assertThat(progress.moved()).isEqualTo(3);
        assertThat(migrations()).hasSize(3);
        assertThat(mostAtOnce(migrations())).isEqualTo(1);
    }

    @Test
    void withoutItsWishADrainStopsAfterWhatIsUnderWay() {
        bed.running("first");
        bed.running("second");
        Gate held = bed.sites().agent("edge-b").stopBefore(Step.HELD);
        bed.hub().put("edge-c", true, null, null, null);
        drain(PlacementPolicy.Nearest, 1);
        held.awaitReached();

        bed.hub().put("edge-a", true, null, null, null);
        await("the drain is over").atMost(PATIENCE).until(() -> bed.hub().progress("edge-a") == null);
        held.open();

        bed.awaitSettled("first-2");
        bed.awaitInstance("first", i -> isRunningAt(i, "edge-b"));
        await("edge-a has been looked at since")
                .atMost(PATIENCE)
                .until(() -> bed.hub().get("edge-a").getStatus().instances() == 1);
        assertThat(bed.hub().condition("edge-a", "Drained")).isEmpty();
        assertThat(bed.instance("second").getSpec().site()).isEqualTo("edge-a");
        assertThat(migrations()).hasSize(1);
    }

    @Test
    void aNamespaceKeepsItsInstancesWhereTheyMayBe() {
        bed.running("bound");
        bed.hub().allow("edge-a, edge-c");
        bed.hub().put("edge-b", null, null, null, PISA);

        drain(PlacementPolicy.Nearest, 2);

        assertThat(awaitDrained().moved()).isEqualTo(1);
        bed.awaitInstance("bound", i -> isRunningAt(i, "edge-c"));
        assertThat(migrations()).hasSize(1);
    }

    @Test
    void anInstanceThatHasNotStartedStartsElsewhere() {
        bed.hub().put("edge-a", true, null, null, null);
        bed.create("waiting", "cart", "edge-a");
        bed.awaitInstance(
                "waiting",
                i -> i.getStatus() != null && "edge-a".equals(i.getStatus().site()));

        drain(PlacementPolicy.LeastLoaded, 2);

        FunctionInstance started = bed.awaitInstance("waiting", i -> isRunningAt(i, "edge-b"));
        assertThat(started.getStatus().epoch()).isEqualTo(1);
        awaitDrained();
        assertThat(migrations()).isEmpty();
    }
}
