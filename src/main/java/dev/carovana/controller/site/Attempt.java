// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.Reason;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A move away from a site that has ended, or is in doubt. Pure.
 *
 * @param at since when it is so
 * @param why why it failed; says nothing if it succeeded
 */
record Attempt(String to, MigrationPhase phase, Instant at, Reason why) {

    /** The attempts to leave a site since an instant, oldest first. */
    static List<Attempt> since(Instant start, String from, Collection<Migration> migrations) {
        return migrations.stream()
                .filter(m -> m.getStatus() != null && from.equals(m.getStatus().from()))
                .filter(m -> hasEnded(m.getStatus()))
                .map(m -> of(m.getSpec().to(), m.getStatus()))
                .filter(a -> !a.at().isBefore(start))
                .sorted(Comparator.comparing(Attempt::at))
                .toList();
    }

    private static boolean hasEnded(MigrationStatus status) {
        return status.phase() != null && (status.phase().isFinal() || status.phase() == MigrationPhase.InDoubt);
    }

    private static Attempt of(String to, MigrationStatus status) {
        MigrationPhase phase = Objects.requireNonNull(status.phase());
        return new Attempt(
                to,
                phase,
                Instant.parse(
                        Objects.requireNonNull(status.transitions()).getLast().at()),
                new Reason(
                        Objects.requireNonNullElse(status.reason(), phase.name()),
                        "to " + to + ": " + Objects.requireNonNullElse(status.message(), phase.name())));
    }

    /** Sites that are not tried again yet: the pause grows with each failure. */
    static Map<String, Reason> refusals(List<Attempt> failed, Instant now) {
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Reason> refusals = new HashMap<>();
        for (Attempt attempt : failed) {
            int count = counts.merge(attempt.to(), 1, Integer::sum);
            if (now.isBefore(attempt.at().plus(MigrationRequests.pause(count)))) {
                refusals.put(attempt.to(), attempt.why());
            } else {
                refusals.remove(attempt.to());
            }
        }
        return refusals;
    }
}
