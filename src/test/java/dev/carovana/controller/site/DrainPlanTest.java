// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import static dev.carovana.controller.site.SiteObjects.instance;
import static dev.carovana.controller.site.SiteObjects.migration;
import static dev.carovana.controller.site.SiteObjects.running;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.api.v1alpha1.SiteStatus.DrainFailure;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.Placement.Candidate;
import dev.carovana.model.PlacementPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Site edge-a is drained; edge-b is less loaded than edge-c. */
class DrainPlanTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Instant NOW = START.plusSeconds(100);

    private final List<FunctionInstance> instances = new ArrayList<>();
    private final List<Migration> migrations = new ArrayList<>();
    private Integer limitOfB;
    private Integer movesAtA;
    private boolean onlyA;
    private String allowed;
    private int maxConcurrent = 2;

    private DrainPlan plan() {
        return plan(NOW);
    }

    private DrainPlan plan(Instant now) {
        MovesUnderWay moves = new MovesUnderWay(migrations);
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(new Candidate("edge-a", true, true, 9, null, moves.at("edge-a", instances), movesAtA, null));
        if (!onlyA) {
            candidates.add(
                    new Candidate("edge-b", true, false, 0, limitOfB, moves.at("edge-b", instances), null, null));
            candidates.add(new Candidate("edge-c", true, false, 1, limitOfB == null ? null : 99, 0, null, null));
        }
        return DrainPlan.of(
                new DrainPlan.Input(
                        "edge-a",
                        new SiteSpec.Drain(PlacementPolicy.LeastLoaded, maxConcurrent),
                        START,
                        instances,
                        moves,
                        candidates,
                        namespace -> new AllowedSites(namespace, allowed)),
                now);
    }

    private FunctionInstance add(FunctionInstance instance) {
        instances.add(instance);
        return instance;
    }

    private void failed(FunctionInstance instance, long generation, String to, Instant at) {
        migrations.add(migration(instance, generation, to, MigrationPhase.RolledBack, at));
    }

    private static List<String> wishes(DrainPlan plan) {
        return plan.wishes().stream()
                .map(w -> w.instance().getMetadata().getName() + " " + w.site())
                .toList();
    }

    private static void told(FunctionInstance instance, String reason) {
        instance.getMetadata().setAnnotations(Map.of(MobilityAnnotations.REASON, reason));
    }

    @Test
    void sendsAsManyAsMayMoveAtOnce() {
        IntStream.range(0, 5).forEach(i -> add(running("cart-" + i, "edge-a")));
        add(running("elsewhere", "edge-b"));

        DrainPlan plan = plan();

        assertThat(wishes(plan)).containsExactly("cart-0 edge-b", "cart-1 edge-b");
        assertThat(plan.moving()).isTrue();
        assertThat(plan.progress().total()).isEqualTo(5);
        assertThat(plan.progress().remaining()).isEqualTo(5);
        assertThat(plan.progress().moved()).isZero();
    }

    @Test
    void whatIsUnderWayCounts() {
        FunctionInstance first = add(instance("cart-0", Phase.Running, "edge-a", "edge-c"));
        migrations.add(migration(first, 1, "edge-c", MigrationPhase.Handover, NOW));
        add(instance("cart-1", Phase.Running, "edge-a", "edge-b")); // its migration is not made yet
        add(running("cart-2", "edge-a"));

        assertThat(wishes(plan())).isEmpty();
        maxConcurrent = 3;
        assertThat(wishes(plan())).containsExactly("cart-2 edge-b");
    }

    @Test
    void theLimitOfTheSiteThatIsLeftCountsToo() {
        IntStream.range(0, 3).forEach(i -> add(running("cart-" + i, "edge-a")));
        movesAtA = 1;

        assertThat(wishes(plan())).containsExactly("cart-0 edge-b");
    }

    @Test
    void whatOneInstanceGetsTheNextCannotHave() {
        IntStream.range(0, 2).forEach(i -> add(running("cart-" + i, "edge-a")));
        limitOfB = 1;

        assertThat(wishes(plan())).containsExactly("cart-0 edge-b", "cart-1 edge-c");
    }

    @Test
    void theLoadIsSpreadWithinOneStep() {
        IntStream.range(0, 4).forEach(i -> add(running("cart-" + i, "edge-a")));
        maxConcurrent = 4;

        assertThat(wishes(plan())).containsExactly("cart-0 edge-b", "cart-1 edge-b", "cart-2 edge-c", "cart-3 edge-b");
    }

    @Test
    void aFailedMoveIsTriedAtTheNextSiteAndTold() {
        FunctionInstance cart = add(instance("cart", Phase.Running, "edge-a", "edge-b"));
        failed(cart, 1, "edge-b", NOW.minusSeconds(1));

        DrainPlan plan = plan();

        assertThat(wishes(plan)).containsExactly("cart edge-c");
        assertThat(plan.progress().failed())
                .containsExactly(new DrainFailure("functions", "cart", "DumpFailed", "to edge-b: CRIU said no"));
    }

    @ParameterizedTest(name = "{0} failures: again after {1} s")
    @CsvSource({"1, 30", "2, 60", "3, 120"})
    void aSiteIsTriedAgainLaterAndLater(int failures, int seconds) {
        FunctionInstance cart = add(running("cart", "edge-a"));
        IntStream.range(0, failures).forEach(i -> failed(cart, i, "edge-b", START.plusSeconds(i)));
        allowed = "edge-b";
        Instant again = START.plusSeconds(failures - 1 + seconds);

        assertThat(wishes(plan(again.minusMillis(1)))).isEmpty();
        assertThat(wishes(plan(again))).containsExactly("cart edge-b");
    }

    @Test
    void aFailedWishIsWithdrawnWhileThereIsNoOtherSite() {
        FunctionInstance cart = add(instance("cart", Phase.Running, "edge-a", "edge-b"));
        told(cart, "Drain");
        failed(cart, 1, "edge-b", NOW);
        allowed = "edge-b";

        DrainPlan plan = plan();

        assertThat(wishes(plan)).containsExactly("cart edge-a");
        assertThat(plan.moving()).isFalse();
        assertThat(plan.progress().failed()).singleElement().satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo("DumpFailed");
            assertThat(failure.message())
                    .contains("site edge-c: namespace functions has annotation")
                    .contains("to edge-b: CRIU said no");
        });
    }

    @Test
    void aWishOfSomebodyElseIsNotWithdrawn() {
        FunctionInstance cart = add(instance("cart", Phase.Running, "edge-a", "edge-b"));
        told(cart, "UserMobility");
        failed(cart, 1, "edge-b", NOW);
        allowed = "edge-b";

        assertThat(wishes(plan())).isEmpty();
    }

    @Test
    void aFailureFreesItsPlaceForAnother() {
        maxConcurrent = 1;
        FunctionInstance cart = add(instance("cart-0", Phase.Running, "edge-a", "edge-b"));
        told(cart, "Drain");
        failed(cart, 1, "edge-b", NOW);
        add(running("cart-1", "edge-a"));

        assertThat(wishes(plan())).containsExactly("cart-0 edge-c");
        allowed = "edge-b";
        assertThat(wishes(plan())).containsExactly("cart-0 edge-a", "cart-1 edge-b");
    }

    @Test
    void withoutAnySiteItSaysWhy() {
        add(running("cart", "edge-a"));
        onlyA = true;

        DrainPlan plan = plan();

        assertThat(plan.wishes()).isEmpty();
        assertThat(plan.moving()).isFalse();
        assertThat(plan.progress().failed())
                .containsExactly(new DrainFailure("functions", "cart", "NoSite", "there is no site for the instance"));
    }

    @Test
    void whatHappenedBeforeTheDrainDoesNotCount() {
        FunctionInstance cart = add(running("cart", "edge-a"));
        failed(cart, 0, "edge-b", START.minusMillis(1));
        FunctionInstance gone = add(running("gone", "edge-b"));
        migrations.add(migration(gone, 0, "edge-b", MigrationPhase.Succeeded, START.minusMillis(1)));

        DrainPlan plan = plan(START);

        assertThat(wishes(plan)).containsExactly("cart edge-b");
        assertThat(plan.progress().failed()).isEmpty();
        assertThat(plan.progress().moved()).isZero();
    }

    @Test
    void countsThoseThatHaveLeftAndThoseThatMayStillCome() {
        FunctionInstance gone = add(running("gone", "edge-b"));
        migrations.add(migration(gone, 1, "edge-b", MigrationPhase.Succeeded, START));
        add(instance("coming", Phase.Running, "edge-b", "edge-a"));

        DrainPlan plan = plan();

        assertThat(plan.progress().moved()).isEqualTo(1);
        assertThat(plan.progress().remaining()).isEqualTo(1);
        assertThat(plan.progress().total()).isEqualTo(2);
    }

    @Test
    void anInstanceThatHasNotStartedStartsElsewhere() {
        add(instance("waiting", Phase.Pending, "edge-a", "edge-a"));

        assertThat(wishes(plan())).containsExactly("waiting edge-b");
    }

    @Test
    void anInstanceThatIsAboutToStartElsewhereIsLeftAlone() {
        add(instance("waiting", Phase.Pending, "edge-a", "edge-c"));

        assertThat(plan().wishes()).isEmpty();
        assertThat(plan().progress().remaining()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            mode = Mode.INCLUDE,
            names = {"Starting", "Failed"})
    void anInstanceWhosePodDoesNotRunWaits(Phase phase) {
        add(instance("cart", phase, "edge-a", "edge-a"));

        DrainPlan plan = plan();

        assertThat(plan.wishes()).isEmpty();
        assertThat(plan.progress().failed()).extracting(DrainFailure::reason).containsExactly("NotRunning");
    }

    @Test
    void aMoveInDoubtIsToldAndKeepsItsPlace() {
        maxConcurrent = 1;
        FunctionInstance cart = add(instance("cart-0", Phase.Migrating, "edge-a", "edge-b"));
        migrations.add(migration(cart, 1, "edge-b", MigrationPhase.InDoubt, NOW));
        add(running("cart-1", "edge-a"));

        DrainPlan plan = plan();

        assertThat(plan.wishes()).isEmpty();
        assertThat(plan.progress().failed()).extracting(DrainFailure::instance).containsExactly("cart-0");
    }

    @Test
    void theStatusStaysSmall() {
        onlyA = true;
        IntStream.range(0, 200).forEach(i -> add(running("cart-" + i, "edge-a")));

        assertThat(plan().progress().failed()).hasSize(50);
        assertThat(plan().progress().remaining()).isEqualTo(200);
    }
}
