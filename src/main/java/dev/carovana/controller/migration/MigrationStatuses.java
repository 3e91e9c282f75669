// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.MigrationStatus.Transition;
import dev.carovana.controller.Conditions;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The changes that a migration's status goes through. Pure. */
final class MigrationStatuses {
    /** RFC 3339 with microseconds, always six digits. */
    private static final DateTimeFormatter MICROS =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

    private static final MigrationStatus EMPTY = new MigrationStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    /** Nothing is left to be done, ever. */
    private static final String SETTLED = "Settled";

    private MigrationStatuses() {}

    static MigrationStatus of(Migration migration) {
        return migration.getStatus() == null ? EMPTY : migration.getStatus();
    }

    static MigrationPhase phaseOf(Migration migration) {
        return phaseOf(of(migration));
    }

    static MigrationPhase phaseOf(MigrationStatus s) {
        return Objects.requireNonNullElse(s.phase(), MigrationPhase.Pending);
    }

    static Instant since(Migration migration) {
        List<Transition> transitions = Objects.requireNonNullElse(of(migration).transitions(), List.<Transition>of());
        return transitions.isEmpty()
                ? Instant.parse(migration.getMetadata().getCreationTimestamp())
                : Instant.parse(transitions.getLast().at());
    }

    static boolean isSettled(Migration migration) {
        return Conditions.isTrue(of(migration).conditions(), SETTLED);
    }

    /** Whether it leads to another node of the site where the instance is. */
    static boolean isWithinSite(Migration migration) {
        return migration.getSpec().to().equals(of(migration).from());
    }

    static MigrationStatus settled(MigrationStatus s, Instant now) {
        return with(s, SETTLED, true, "NothingLeft", "", now);
    }

    /** Further calls have waited at gateways. */
    static MigrationStatus held(MigrationStatus s, int calls) {
        return new MigrationStatus(
                s.phase(),
                s.reason(),
                s.message(),
                s.from(),
                s.epoch(),
                s.sourcePod(),
                s.sourcePodUid(),
                s.sourceNode(),
                s.destinationPod(),
                s.destinationPodUid(),
                s.destinationNode(),
                s.transitions(),
                s.containers(),
                s.freezeMillis(),
                s.totalMillis(),
                s.bytesSent(),
                Objects.requireNonNullElse(s.requestsHeld(), 0) + calls,
                s.conditions());
    }

    static String micros(Instant at) {
        return MICROS.format(at);
    }

    /** A phase began. */
    static MigrationStatus entered(MigrationStatus s, MigrationPhase phase, @Nullable Reason reason, Instant now) {
        List<Transition> transitions =
                new ArrayList<>(Objects.requireNonNullElse(s.transitions(), List.<Transition>of()));
        transitions.add(new Transition(phase, micros(now)));
        Double total = s.totalMillis();
        if (phase.isFinal()) {
            total = between(Instant.parse(transitions.getFirst().at()), now);
        }
        return new MigrationStatus(
                phase,
                reason == null ? s.reason() : reason.code(),
                reason == null ? s.message() : reason.message(),
                s.from(),
                s.epoch(),
                s.sourcePod(),
                s.sourcePodUid(),
                s.sourceNode(),
                s.destinationPod(),
                s.destinationPodUid(),
                s.destinationNode(),
                transitions,
                s.containers(),
                s.freezeMillis(),
                total,
                s.bytesSent(),
                s.requestsHeld(),
                summary(s.conditions(), phase, reason, now));
    }

    /** Which pods it is about: written down before either is touched. */
    static MigrationStatus between(
            MigrationStatus s, String from, long epoch, String sourcePod, String destinationPod) {
        return new MigrationStatus(
                s.phase(),
                s.reason(),
                s.message(),
                from,
                epoch,
                sourcePod,
                s.sourcePodUid(),
                s.sourceNode(),
                destinationPod,
                s.destinationPodUid(),
                s.destinationNode(),
                s.transitions(),
                s.containers(),
                s.freezeMillis(),
                s.totalMillis(),
                s.bytesSent(),
                s.requestsHeld(),
                s.conditions());
    }

    /** What the agents measured. */
    static MigrationStatus measured(MigrationStatus s, Measurements m) {
        return new MigrationStatus(
                s.phase(),
                s.reason(),
                s.message(),
                s.from(),
                s.epoch(),
                s.sourcePod(),
                orElse(m.sourcePodUid(), s.sourcePodUid()),
                orElse(m.sourceNode(), s.sourceNode()),
                s.destinationPod(),
                orElse(m.destinationPodUid(), s.destinationPodUid()),
                orElse(m.destinationNode(), s.destinationNode()),
                s.transitions(),
                m.containers().isEmpty() ? s.containers() : m.containers(),
                m.freezeMillis() == null ? s.freezeMillis() : m.freezeMillis(),
                s.totalMillis(),
                m.bytesSent() == 0 ? s.bytesSent() : Long.valueOf(m.bytesSent()),
                s.requestsHeld(),
                s.conditions());
    }

    static MigrationStatus with(
            MigrationStatus s, String type, boolean value, String reason, String message, Instant now) {
        return new MigrationStatus(
                s.phase(),
                s.reason(),
                s.message(),
                s.from(),
                s.epoch(),
                s.sourcePod(),
                s.sourcePodUid(),
                s.sourceNode(),
                s.destinationPod(),
                s.destinationPodUid(),
                s.destinationNode(),
                s.transitions(),
                s.containers(),
                s.freezeMillis(),
                s.totalMillis(),
                s.bytesSent(),
                s.requestsHeld(),
                Conditions.with(s.conditions(), type, value, reason, message, null, now));
    }

    private static List<Condition> summary(
            @Nullable List<Condition> conditions, MigrationPhase phase, @Nullable Reason reason, Instant now) {
        List<Condition> reached =
                switch (phase) {
                    case PreCopying -> Conditions.with(conditions, "Prepared", true, "Held", "", null, now);
                    case Restoring -> Conditions.with(conditions, "HandedOver", true, "EndSent", "", null, now);
                    case Succeeded -> Conditions.with(conditions, "Restored", true, "Restored", "", null, now);
                    default -> Objects.requireNonNullElse(conditions, List.of());
                };
        if (!phase.isFinal()) {
            return reached;
        }
        return Conditions.with(
                reached,
                "Succeeded",
                phase == MigrationPhase.Succeeded,
                reason == null ? phase.name() : reason.code(),
                reason == null ? "" : reason.message(),
                null,
                now);
    }

    private static double between(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e6;
    }

    private static @Nullable String orElse(String newer, @Nullable String older) {
        return newer.isEmpty() ? older : newer;
    }
}
