// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.MigrationObservation.Decision;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Many thousand migrations in which anything may go wrong at any moment: no order of events breaks the rules. */
class MigrationWalkTest {
    private static final int WALKS = 20_000;
    private static final int TROUBLED_STEPS = 200;
    private static final int CALM_STEPS = 2_000;
    private static final Set<MigrationPhase> BEFORE_HANDOVER = EnumSet.of(
            MigrationPhase.Pending, MigrationPhase.Preparing, MigrationPhase.PreCopying, MigrationPhase.Draining);

    @Test
    void noOrderOfEventsBreaksTheRules() {
        Map<MigrationPhase, Integer> ends = new EnumMap<>(MigrationPhase.class);
        for (int seed = 0; seed < WALKS; seed++) {
            SimulatedMove move = new SimulatedMove(seed);
            for (int i = 0; i < TROUBLED_STEPS; i++) {
                move.step();
                check(move, seed);
            }
            move.calmDown();
            for (int i = 0; i < CALM_STEPS && !move.isSettled(); i++) {
                move.step();
                check(move, seed);
                if (move.phase() == MigrationPhase.InDoubt && !move.isDecided() && i == CALM_STEPS / 2) {
                    move.decide(seed % 2 == 0 ? Decision.SOURCE : Decision.DESTINATION);
                }
            }
            checkEnd(move, seed);
            ends.merge(move.phase(), 1, Integer::sum);
        }
        // the walks are worth something only if they end in every way
        assertThat(ends)
                .containsOnlyKeys(
                        MigrationPhase.Succeeded,
                        MigrationPhase.RolledBack,
                        MigrationPhase.Aborted,
                        MigrationPhase.Failed);
    }

    private static void check(SimulatedMove move, int seed) {
        assertThat(move.sourceExecutes() && move.destinationExecutes())
                .as("R1: two copies execute; seed %d: %s", seed, move.story())
                .isFalse();
        if (BEFORE_HANDOVER.contains(move.phase())) {
            assertThat(move.sourceExecutes())
                    .as("R2: the source stands still before the handover; seed %d: %s", seed, move.story())
                    .isTrue();
        }
    }

    private static void checkEnd(SimulatedMove move, int seed) {
        assertThat(move.isSettled())
                .as("ends; seed %d in %s: %s", seed, move.phase(), move.story())
                .isTrue();
        switch (move.phase()) {
            case Succeeded ->
                assertThat(move.destinationExecutes() || move.isDecided())
                        .as("runs at the destination; seed %d: %s", seed, move.story())
                        .isTrue();
            case RolledBack, Aborted -> {
                assertThat(move.sourceExecutes())
                        .as("runs on at the source; seed %d: %s", seed, move.story())
                        .isTrue();
                assertThat(move.hasDestinationPod())
                        .as("nothing is left; seed %d: %s", seed, move.story())
                        .isFalse();
            }
            default ->
                assertThat(move.sourceExecutes() || move.destinationExecutes())
                        .as("a cold start makes no second copy; seed %d: %s", seed, move.story())
                        .isFalse();
        }
    }
}
