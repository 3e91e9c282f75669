// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import static dev.carovana.controller.site.SiteObjects.instance;
import static dev.carovana.controller.site.SiteObjects.migration;
import static dev.carovana.controller.site.SiteObjects.running;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.model.Location;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.Placement.Candidate;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CandidatesTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static Candidate candidate(List<FunctionInstance> instances, Migration... migrations) {
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName("edge-b").build());
        site.setSpec(new SiteSpec(
                null,
                new SiteSpec.Local(),
                null,
                null,
                new SiteSpec.Limits(5, 2),
                null,
                null,
                new SiteSpec.Location("43.7167", "-10")));
        return Candidates.of(List.of(site), instances, List.of(migrations)).getFirst();
    }

    @Test
    void aSiteOfWhichNothingIsKnownYetIsNotReady() {
        assertThat(candidate(List.of()))
                .isEqualTo(new Candidate("edge-b", false, false, 0, 5, 0, 2, new Location(43.7167, -10)));
    }

    @Test
    void countsWhatIsThereAndWhatIsWantedThere() {
        Candidate counted = candidate(List.of(
                running("here", "edge-b"),
                running("elsewhere", "edge-a"),
                instance("coming", Phase.Running, "edge-a", "edge-b"),
                instance("leaving", Phase.Running, "edge-b", "edge-a"),
                instance("waiting", Phase.Pending, "edge-b", "edge-b")));

        assertThat(counted.instances()).isEqualTo(4);
        assertThat(counted.migrations()).as("coming and leaving").isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(MigrationPhase.class)
    void aMoveIsUnderWayUntilItsMigrationEnds(MigrationPhase phase) {
        FunctionInstance coming = instance("coming", Phase.Running, "edge-a", "edge-b");

        int moves = candidate(List.of(coming), migration(coming, 1, "edge-b", phase, NOW))
                .migrations();

        assertThat(moves).isEqualTo(phase.isFinal() ? 0 : 1);
    }

    @Test
    void aWishThatIsNewerThanTheLastMigrationIsUnderWay() {
        FunctionInstance again = instance("again", Phase.Running, "edge-a", "edge-b");
        again.getMetadata().setGeneration(2L);

        assertThat(candidate(List.of(again), migration(again, 1, "edge-b", MigrationPhase.RolledBack, NOW))
                        .migrations())
                .isEqualTo(1);
    }

    @Test
    void anInstanceThatStartsElsewhereDoesNotMove() {
        assertThat(candidate(List.of(instance("starting", Phase.Starting, "edge-a", "edge-b")))
                        .migrations())
                .isZero();
    }
}
