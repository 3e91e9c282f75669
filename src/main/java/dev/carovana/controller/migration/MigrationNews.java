// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.Events;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MigrationStep;
import dev.carovana.model.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import org.jboss.logging.Logger;

/** Tells people and metrics what a migration has come to. */
@ApplicationScoped
class MigrationNews {
    private static final Logger LOG = Logger.getLogger(MigrationNews.class);

    private final Events events;
    private final MigrationMetrics metrics;

    MigrationNews(Events events, MigrationMetrics metrics) {
        this.events = events;
        this.metrics = metrics;
    }

    /** It has entered the step's phase. */
    void tell(Migration migration, MigrationStep step) {
        LOG.infof(
                "migration=%s instance=%s sourceSite=%s targetSite=%s phase=%s reason=%s",
                migration.getMetadata().getName(),
                migration.getSpec().instance(),
                MigrationStatuses.of(migration).from(),
                migration.getSpec().to(),
                step.phase(),
                step.reason());
        if (step.phase().isFinal() || step.phase() == MigrationPhase.InDoubt) {
            Reason reason = Objects.requireNonNullElse(
                    step.reason(),
                    new Reason(
                            step.phase().name(),
                            "moved to " + migration.getSpec().to()));
            if (step.phase() == MigrationPhase.Succeeded) {
                events.tell(migration, reason);
            } else {
                events.warn(migration, reason);
            }
            metrics.ended(migration);
        }
    }
}
