// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static dev.carovana.model.MigrationPhase.Failed;
import static dev.carovana.model.MigrationPhase.Handover;
import static dev.carovana.model.MigrationPhase.InDoubt;
import static dev.carovana.model.MigrationPhase.Restoring;
import static dev.carovana.model.MigrationPhase.RolledBack;
import static dev.carovana.model.MigrationPhase.Succeeded;

import dev.carovana.model.MigrationObservation.Decision;
import dev.carovana.model.MigrationObservation.PodState;
import dev.carovana.model.MigrationStep.Effect;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a migration whose source has sent END, or may have: rules R3 and R5. No phase is left on a timeout alone, and
 * each has an end also when a node never comes back: its pod is deleted by hand then. Pure.
 */
final class AfterHandover {
    private AfterHandover() {}

    /** @param late whether that takes longer than it may */
    static MigrationStep restoring(MigrationObservation seen, boolean late) {
        MigrationStep known = known(Restoring, seen);
        if (known != null && known.phase() != Restoring) {
            return known;
        }
        if (seen.source() == SourceStep.IN_DOUBT || late) {
            return MigrationStep.in(InDoubt)
                    .because(
                            known == null
                                    ? new Reason(
                                            "InDoubt",
                                            "END was sent, and the destination's agent has not said what became of it")
                                    : new Reason(
                                            "InDoubt",
                                            "the destination never resumed it, and the source's agent has not said"
                                                    + " that it goes on"));
        }
        return known == null ? MigrationStep.in(Restoring) : known;
    }

    /** R5: nobody runs until both sides agree, or an administrator decides. */
    static MigrationStep inDoubt(MigrationObservation seen) {
        MigrationStep known = known(InDoubt, seen);
        if (known != null) {
            return known;
        }
        if (seen.decision() == Decision.SOURCE) {
            // the destination pod goes first: whatever is left of it must not wake up later
            return seen.destinationPod() == PodState.ABSENT
                    ? MigrationStep.in(InDoubt, Effect.TELL_SOURCE_NEVER_RESUMED)
                    : MigrationStep.in(InDoubt, Effect.ABORT_DESTINATION, Effect.DELETE_DESTINATION_POD);
        }
        if (seen.decision() == Decision.DESTINATION) {
            return seen.sourcePodGone()
                    ? MigrationStep.in(Succeeded, Effect.SWITCH_ROUTE)
                    : MigrationStep.in(InDoubt, Effect.TELL_SOURCE_RESTORED);
        }
        return MigrationStep.in(InDoubt);
    }

    /** R3: after END only the destination may run, unless it declares that it never resumed. */
    private static @Nullable MigrationStep known(MigrationPhase phase, MigrationObservation seen) {
        if (seen.destination() == DestinationStep.RESTORED || seen.source() == SourceStep.RELEASED) {
            return MigrationStep.in(Succeeded, Effect.TELL_SOURCE_RESTORED, Effect.SWITCH_ROUTE);
        }
        if (seen.source() == SourceStep.THAWED) {
            return MigrationStep.in(RolledBack).because(seen.sourceProblem());
        }
        if (seen.source() == SourceStep.LOST) {
            return lost(phase, seen, seen.sourceProblem());
        }
        if (seen.sourcePodGone() && seen.destinationPod() == PodState.ABSENT) {
            return MigrationStep.in(Failed)
                    .because(new Reason("BothPodsGone", "both pods were deleted before either side was sure"));
        }
        if (seen.destination() == DestinationStep.NEVER_RESUMED) {
            return seen.sourcePodGone()
                    ? MigrationStep.in(Failed)
                            .because(new Reason(
                                    "SourcePodGone", "the source pod was lost, and the destination never resumed it"))
                    : MigrationStep.in(phase, Effect.TELL_SOURCE_NEVER_RESUMED);
        }
        return null;
    }

    /** The source will never go on. The instance is lost only if the destination never will either: END may have come there. */
    static MigrationStep lost(MigrationPhase phase, MigrationObservation seen, @Nullable Reason why) {
        return switch (seen.destination()) {
            case CLEANED, NEVER_RESUMED -> MigrationStep.in(Failed).because(why);
            case RESTORING, RESTORED -> MigrationStep.in(phase == Handover ? Restoring : phase);
            case NONE, EXPECTING, HELD, RECEIVING, RECEIVED ->
                seen.destinationPod() == PodState.ABSENT
                        ? MigrationStep.in(Failed).because(why)
                        : MigrationStep.in(phase, Effect.ABORT_DESTINATION).because(why);
        };
    }
}
