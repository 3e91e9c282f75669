// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationEventsTest {
    private static Migration migration(MigrationPhase phase) {
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName("cart-1-2")
                .withNamespace("functions")
                .withUid("uid-1")
                .build());
        migration.setSpec(new MigrationSpec("cart-1", "edge-b", MigrationSpec.Reason.UserMobility, "//ran e-1", null));
        migration.setStatus(new MigrationStatus(
                phase,
                "PreflightHostPath",
                "volume x",
                "edge-a",
                2L,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(new MigrationStatus.Transition(phase, "2026-11-24T10:00:00.123456Z")),
                List.of(),
                null,
                12.5,
                null,
                null,
                List.of()));
        return migration;
    }

    @ParameterizedTest
    @EnumSource(MigrationPhase.class)
    void tellsOfEndsOnly(MigrationPhase phase) {
        String type =
                switch (phase) {
                    case Succeeded -> "dev.carovana.instance.moved.v1";
                    case RolledBack, Failed -> "dev.carovana.migration.failed.v1";
                    default -> null;
                };

        assertThat(MigrationEvents.of(migration(phase), null).map(MigrationEvents.Event::type))
                .isEqualTo(Optional.ofNullable(type));
    }

    @Test
    void theSameEndIsTheSameEvent() {
        MigrationEvents.Event event =
                MigrationEvents.of(migration(MigrationPhase.RolledBack), null).orElseThrow();

        assertThat(event)
                .isEqualTo(MigrationEvents.of(migration(MigrationPhase.RolledBack), null)
                        .orElseThrow());
        assertThat(event.id()).isEqualTo("uid-1/RolledBack");
        assertThat(event.source()).isEqualTo("/apis/carovana.dev/v1alpha1/namespaces/functions/migrations/cart-1-2");
        assertThat(event.subject()).isEqualTo("functions/cart-1");
        assertThat(event.time()).isEqualTo("2026-11-24T10:00:00.123456Z");
        assertThat(event.data().reason()).isEqualTo("PreflightHostPath");
        assertThat(event.data().user()).isNull();
    }

    @Test
    void namesTheUserIfAnAdministratorWantsIt() {
        assertThat(MigrationEvents.of(migration(MigrationPhase.Succeeded), "alice")
                        .orElseThrow()
                        .data()
                        .user())
                .isEqualTo("alice");
    }

    @Test
    void ofAMigrationThatHasNotBegunThereIsNothingToTell() {
        Migration fresh = migration(MigrationPhase.Pending);
        fresh.setStatus(null);

        assertThat(MigrationEvents.of(fresh, null)).isEmpty();
    }
}
