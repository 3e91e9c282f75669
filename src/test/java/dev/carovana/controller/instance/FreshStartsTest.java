// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshStartsTest {
    private static FunctionInstance instance() {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName("cart-alice")
                .withGeneration(3L)
                .build());
        return instance;
    }

    private static Migration ended(String name, String generation, MigrationPhase phase, String reason) {
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .addToAnnotations(MigrationRequests.GENERATION_ANNOTATION, generation)
                .build());
        migration.setStatus(new MigrationStatus(
                phase, reason, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null));
        return migration;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "PreflightCpuFlags, true",
        "PreflightMaxFreeze, true",
        "RestoreFailed, false",
        "RestoreFailed TransferCut, true",
        "PreflightCpuFlags DrainTimeout, false",
        "DrainTimeout DrainTimeout, false",
        "DrainTimeout DumpFailed, false",
        "DumpFailed DrainTimeout DumpFailed, true",
        "PreflightSiteCordoned, false",
        "PreflightAgentAbsent PreflightAgentAbsent, false",
        "PreflightAgentAbsent PreflightHostPath, true",
    })
    void inVainAreAPreflightThatRefusesAndASecondFailure(String reasons, boolean inVain) {
        String[] all = reasons.split(" ");
        List<Migration> migrations = IntStream.range(0, all.length)
                .mapToObj(i -> ended("cart-alice-" + (i + 2), "3", MigrationPhase.RolledBack, all[i]))
                .toList();

        assertThat(FreshStarts.inVain(instance(), migrations)
                        .map(m -> m.getStatus().reason()))
                .isEqualTo(inVain ? Arrays.stream(all).reduce((a, b) -> b) : Optional.empty());
    }

    @Test
    void whatBecameOfAnotherWishDoesNotMatter() {
        List<Migration> before = List.of(
                ended("cart-alice-2", "2", MigrationPhase.RolledBack, "PreflightCpuFlags"),
                ended("cart-alice-3", "3", MigrationPhase.Aborted, "Aborted"));

        assertThat(FreshStarts.inVain(instance(), before)).isEmpty();
    }
}
