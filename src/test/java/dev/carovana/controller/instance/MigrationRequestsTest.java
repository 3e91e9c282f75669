// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationRequestsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static FunctionInstance instance(long generation, Long epoch) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName("cart-alice")
                .withGeneration(generation)
                .build());
        instance.setStatus(new FunctionInstanceStatus(
                null, null, null, null, null, null, epoch, null, null, null, null, null, null));
        return instance;
    }

    private static Migration ended(String name, long generation, MigrationPhase phase, Instant at) {
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .addToAnnotations(MigrationRequests.GENERATION_ANNOTATION, Long.toString(generation))
                .build());
        migration.setSpec(new MigrationSpec("cart-alice", "edge-b", null, null, null));
        migration.setStatus(new MigrationStatus(
                phase,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(new MigrationStatus.Transition(phase, at.toString())),
                null,
                null,
                null,
                null,
                null,
                null));
        return migration;
    }

    @Test
    void anEpochIsNeverUsedTwice() {
        assertThat(MigrationRequests.nextEpoch(instance(1, null), List.of())).isEqualTo(1);
        assertThat(MigrationRequests.nextEpoch(instance(1, 4L), List.of())).isEqualTo(5);
        // one that was rolled back has used its epoch too: its pod may still be going
        assertThat(MigrationRequests.nextEpoch(
                        instance(1, 4L), List.of(ended("cart-alice-6", 1, MigrationPhase.RolledBack, NOW))))
                .isEqualTo(7);
        assertThat(MigrationRequests.nextEpoch(
                        instance(1, 4L), List.of(ended("by-hand", 1, MigrationPhase.RolledBack, NOW))))
                .isEqualTo(5);
    }

    @ParameterizedTest(name = "{0} failures: {1} s")
    @CsvSource({"1, 30", "2, 60", "3, 120", "5, 480", "6, 600", "40, 600"})
    void theSameWishIsTriedAgainLaterAndLater(int failures, long seconds) {
        List<Migration> before = LongStream.rangeClosed(1, failures)
                .mapToObj(i -> ended("cart-alice-" + (i + 1), 3, MigrationPhase.RolledBack, NOW))
                .toList();

        assertThat(MigrationRequests.backOff(instance(3, 1L), before, NOW)).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(MigrationRequests.backOff(instance(3, 1L), before, NOW.plusSeconds(seconds)))
                .isZero();
    }

    @Test
    void anotherWishDoesNotWait() {
        List<Migration> before = List.of(ended("cart-alice-2", 3, MigrationPhase.RolledBack, NOW));

        assertThat(MigrationRequests.backOff(instance(4, 1L), before, NOW)).isZero();
        assertThat(MigrationRequests.backOff(
                        instance(3, 1L), List.of(ended("cart-alice-2", 3, MigrationPhase.Succeeded, NOW)), NOW))
                .isZero();
    }
}
