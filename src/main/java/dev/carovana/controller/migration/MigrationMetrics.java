// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.model.MigrationPhase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Objects;

/** Derived from the status, so that API and metrics cannot disagree. */
@ApplicationScoped
class MigrationMetrics {
    private final MeterRegistry registry;

    MigrationMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void ended(Migration migration) {
        MigrationStatus status = MigrationStatuses.of(migration);
        registry.counter(
                        "carovana.migrations",
                        "phase",
                        Objects.requireNonNullElse(status.phase(), MigrationPhase.Pending)
                                .name(),
                        "reason",
                        Objects.requireNonNullElse(status.reason(), ""))
                .increment();
        if (status.phase() == MigrationPhase.Succeeded && status.freezeMillis() != null) {
            Timer.builder("carovana.migration.freeze")
                    .publishPercentileHistogram()
                    .register(registry)
                    .record(Duration.ofNanos((long) (status.freezeMillis() * 1e6)));
        }
    }
}
