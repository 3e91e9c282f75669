// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static dev.carovana.model.MigrationPhase.Aborted;
import static dev.carovana.model.MigrationPhase.Draining;
import static dev.carovana.model.MigrationPhase.Failed;
import static dev.carovana.model.MigrationPhase.Handover;
import static dev.carovana.model.MigrationPhase.InDoubt;
import static dev.carovana.model.MigrationPhase.PreCopying;
import static dev.carovana.model.MigrationPhase.Preparing;
import static dev.carovana.model.MigrationPhase.Restoring;
import static dev.carovana.model.MigrationPhase.RolledBack;
import static dev.carovana.model.MigrationPhase.Succeeded;

import dev.carovana.model.MigrationObservation.PodState;
import dev.carovana.model.MigrationStep.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a migration does next, from where it stands and what can be seen (design: one mobility event, end to
 * end; rules R1 to R8). Pure: no clock, no client. The hub never decides the handover: the source's agent does, and
 * between Handover and its word nothing here starts or stops an instance.
 */
public final class MigrationMachine {
    private static final Reason DELETED = new Reason("Aborted", "the Migration was deleted before the handover");

    private static final Duration BEFORE_CLEANUP = Duration.ofSeconds(1);

    /** A word that was missed costs no more. */
    private static final Duration NET = Duration.ofSeconds(2);

    private final MigrationTimeouts timeouts;

    public MigrationMachine(MigrationTimeouts timeouts) {
        this.timeouts = timeouts;
    }

    /**
     * Where a migration stands, as its status says.
     *
     * @param phase the phase
     * @param since when it began
     * @param deadline no handover is begun after it
     */
    public record State(MigrationPhase phase, Instant since, @Nullable Instant deadline) {}

    /** The next phase, what to do about it, and whether all is done. */
    public MigrationStep next(State state, MigrationObservation seen, Instant now) {
        return switch (state.phase()) {
            case Pending -> MigrationStep.in(seen.abortWanted() ? Aborted : Preparing);
            case Preparing -> preparing(state, seen, now);
            case PreCopying -> before(state, seen, now, preCopying(state, seen, now));
            case Draining -> before(state, seen, now, draining(state, seen, now));
            case Handover -> handover(state, seen, now);
            case Restoring ->
                AfterHandover.restoring(seen, now.isAfter(state.since().plus(timeouts.restore())));
            case InDoubt -> AfterHandover.inDoubt(seen);
            case Succeeded -> succeeded(state, seen, now);
            case RolledBack, Aborted, Failed -> cleaning(state.phase(), seen);
        };
    }

    /** When to look again though nothing has happened: nobody tells when it is time to clean up. */
    public static Duration untilNextLook(MigrationPhase phase, Instant since, Instant now) {
        Duration left = Duration.between(now, since.plus(BEFORE_CLEANUP));
        return phase == Succeeded && left.isPositive() ? left.plusMillis(1) : NET; // timers count whole milliseconds
    }

    private MigrationStep preparing(State state, MigrationObservation seen, Instant now) {
        if (seen.preflight() == null) {
            return before(state, seen, now, MigrationStep.in(Preparing, Effect.RUN_PREFLIGHT));
        }
        if (!seen.preflight().isEmpty()) {
            return MigrationStep.in(RolledBack).because(refusal(seen.preflight()));
        }
        return before(state, seen, now, afterPreflight(state, seen, now));
    }

    private MigrationStep afterPreflight(State state, MigrationObservation seen, Instant now) {
        if (seen.destination() == DestinationStep.HELD) {
            return MigrationStep.in(PreCopying);
        }
        if (now.isAfter(state.since().plus(timeouts.prepare()))) {
            return MigrationStep.in(RolledBack)
                    .because(new Reason(
                            "PrepareTimeout",
                            "the destination pod's containers were not held within " + seconds(timeouts.prepare())
                                    + ": its agent says " + seen.destination()));
        }
        List<Effect> effects = new ArrayList<>();
        if (seen.destinationPod() == PodState.ABSENT) {
            effects.add(Effect.CREATE_DESTINATION_POD);
        }
        if (seen.destination() == DestinationStep.NONE) {
            effects.add(Effect.PREPARE_DESTINATION);
        }
        return MigrationStep.in(Preparing, effects.toArray(Effect[]::new));
    }

    /** Of an agent that has not heard of it nothing is expected to come by itself: it is told again. */
    private MigrationStep preCopying(State state, MigrationObservation seen, Instant now) {
        if (seen.source() != SourceStep.NONE && seen.source() != SourceStep.PRECOPYING) {
            return MigrationStep.in(Draining);
        }
        if (now.isAfter(state.since().plus(timeouts.preCopy()))) {
            return MigrationStep.in(RolledBack)
                    .because(new Reason(
                            "PreCopyTimeout",
                            "the source was not ready to freeze within " + seconds(timeouts.preCopy())
                                    + ": its agent says " + seen.source()));
        }
        return seen.source() == SourceStep.NONE
                ? MigrationStep.in(PreCopying, Effect.PRE_COPY)
                : MigrationStep.in(PreCopying);
    }

    /**
     * What ends a migration at any moment before the handover; else {@code wish}. It may end at once, whatever the source's
     * agent does: that never freezes without the order, and is told to give up when the rest is cleaned up.
     */
    private MigrationStep before(State state, MigrationObservation seen, Instant now, MigrationStep wish) {
        if (seen.abortWanted()) {
            return MigrationStep.in(Aborted).because(DELETED);
        }
        if (seen.sourcePodGone()) {
            return MigrationStep.in(RolledBack)
                    .because(new Reason("SourcePodGone", "the source pod does not exist any more"));
        }
        if (seen.destinationPod() == PodState.BROKEN) {
            return MigrationStep.in(RolledBack).because(seen.destinationProblem());
        }
        if (seen.source() == SourceStep.THAWED) {
            return MigrationStep.in(RolledBack).because(seen.sourceProblem());
        }
        if (gaveUp(seen.destination())) {
            return MigrationStep.in(RolledBack).because(seen.destinationReason());
        }
        if (state.deadline() != null && now.isAfter(state.deadline())) {
            return MigrationStep.in(RolledBack)
                    .because(new Reason(
                            "DeadlineExceeded", "spec.deadline " + state.deadline() + " came before the handover"));
        }
        return wish;
    }

    /**
     * The order comes with the phase: calls wait meanwhile. From there only the source's agent leads back, so one that is away
     * is waited for here.
     */
    private MigrationStep draining(State state, MigrationObservation seen, Instant now) {
        boolean away = seen.source() == SourceStep.NONE;
        if (seen.undrained().isEmpty() && !away) {
            return MigrationStep.in(Handover, Effect.HAND_OVER);
        }
        if (now.isAfter(state.since().plus(timeouts.drain()))) {
            return MigrationStep.in(RolledBack)
                    .because(
                            seen.undrained().isEmpty()
                                    ? new Reason("SourceAgentAway", "the source's agent has gone away, the pod runs")
                                    : new Reason(
                                            "DrainTimeout",
                                            "calls were under way for longer than " + seconds(timeouts.drain()) + ": "
                                                    + String.join(", ", seen.undrained())));
        }
        return MigrationStep.in(Draining, Effect.DRAIN);
    }

    private MigrationStep handover(State state, MigrationObservation seen, Instant now) {
        return switch (seen.source()) {
            case END_SENT, RELEASED -> MigrationStep.in(Restoring);
            case THAWED ->
                MigrationStep.in(seen.abortWanted() ? Aborted : RolledBack).because(seen.sourceProblem());
            case IN_DOUBT -> MigrationStep.in(InDoubt).because(seen.sourceProblem());
            case LOST -> AfterHandover.lost(Handover, seen, seen.sourceProblem());
            case NONE, PRECOPYING, PRECOPIED, FREEZING, FROZEN, DUMPED -> undecided(state, seen, now);
        };
    }

    /** The source's agent has not decided yet. The destination may know more: it can only have got END from there. */
    private MigrationStep undecided(State state, MigrationObservation seen, Instant now) {
        if (seen.destination() == DestinationStep.RESTORING || seen.destination() == DestinationStep.RESTORED) {
            return MigrationStep.in(Restoring);
        }
        boolean late = now.isAfter(state.since().plus(timeouts.handover()));
        if (seen.sourcePodGone() && (late || seen.source() == SourceStep.NONE)) {
            Reason lost = new Reason("SourcePodGone", "the source pod was lost in the handover");
            return AfterHandover.lost(Handover, seen, lost);
        }
        if (seen.abortWanted()) {
            return MigrationStep.in(Handover, Effect.ABORT_SOURCE).because(DELETED);
        }
        if (gaveUp(seen.destination())) {
            return MigrationStep.in(Handover, Effect.ABORT_SOURCE).because(seen.destinationReason());
        }
        if (late) {
            return MigrationStep.in(Handover, Effect.ABORT_SOURCE)
                    .because(new Reason("HandoverTimeout", "no handover within " + seconds(timeouts.handover())));
        }
        return seen.source() == SourceStep.NONE || seen.source() == SourceStep.PRECOPIED
                ? MigrationStep.in(Handover, Effect.HAND_OVER)
                : MigrationStep.in(Handover);
    }

    /** Calls that have waited go first: what is left of the pod at the source is in nobody's way. */
    private static MigrationStep succeeded(State state, MigrationObservation seen, Instant now) {
        if (now.isBefore(state.since().plus(BEFORE_CLEANUP))) {
            return MigrationStep.in(Succeeded);
        }
        return seen.sourcePodGone()
                ? MigrationStep.in(Succeeded, Effect.SWITCH_ROUTE, Effect.FINISH)
                        .asSettled()
                : MigrationStep.in(
                        Succeeded, Effect.TELL_SOURCE_RESTORED, Effect.SWITCH_ROUTE, Effect.DELETE_SOURCE_POD);
    }

    private static MigrationStep cleaning(MigrationPhase phase, MigrationObservation seen) {
        if (phase == Failed && seen.source() == SourceStep.LOST && !seen.sourcePodGone()) {
            // its containers are frozen for good: the next pod starts cold
            return MigrationStep.in(
                    phase, Effect.ABORT_DESTINATION, Effect.DELETE_DESTINATION_POD, Effect.DELETE_SOURCE_POD);
        }
        if (seen.source().beforeFreeze()) {
            // the instance is free when its pod is: a next move would find it busy
            return MigrationStep.in(
                    phase, Effect.ABORT_SOURCE, Effect.ABORT_DESTINATION, Effect.DELETE_DESTINATION_POD);
        }
        // an agent forgets only what it has given up, and may not have been told to: pods can be gone before
        return seen.destinationPod() == PodState.ABSENT
                ? MigrationStep.in(phase, Effect.FREE_INSTANCE, Effect.ABORT_DESTINATION, Effect.FINISH)
                        .asSettled()
                : MigrationStep.in(phase, Effect.ABORT_DESTINATION, Effect.DELETE_DESTINATION_POD);
    }

    private static boolean gaveUp(DestinationStep step) {
        return step == DestinationStep.CLEANED || step == DestinationStep.NEVER_RESUMED;
    }

    private static Reason refusal(List<Reason> reasons) {
        return new Reason(
                "Preflight" + reasons.getFirst().code(),
                reasons.stream().map(Reason::message).collect(Collectors.joining("; ")));
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
