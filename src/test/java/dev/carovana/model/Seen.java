// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import dev.carovana.model.MigrationObservation.Decision;
import dev.carovana.model.MigrationObservation.PodState;
import java.util.List;

/** Observations for tests: begins with "nothing to see" and changes one thing at a time. */
final class Seen {
    private boolean abort;
    private List<Reason> preflight;
    private PodState destinationPod = PodState.ABSENT;
    private Reason destinationProblem;
    private boolean sourcePodGone;
    private List<String> undrained = List.of();
    private SourceStep source = SourceStep.NONE;
    private Reason sourceProblem;
    private DestinationStep destination = DestinationStep.NONE;
    private Reason destinationReason;
    private Decision decision;

    static Seen nothing() {
        return new Seen();
    }

    /** A migration that nothing speaks against, with its destination pod. */
    static Seen passed() {
        return nothing().preflight().pod(PodState.COMING);
    }

    Seen abort() {
        abort = true;
        return this;
    }

    Seen preflight(Reason... reasons) {
        preflight = List.of(reasons);
        return this;
    }

    Seen pod(PodState state) {
        destinationPod = state;
        return this;
    }

    Seen broken(Reason why) {
        destinationProblem = why;
        return pod(PodState.BROKEN);
    }

    Seen sourcePodGone() {
        sourcePodGone = true;
        return this;
    }

    Seen inFlight() {
        undrained = List.of("gateway carovana-gateway-1 of site edge-a");
        return this;
    }

    Seen source(SourceStep step) {
        source = step;
        return this;
    }

    Seen source(SourceStep step, Reason why) {
        sourceProblem = why;
        return source(step);
    }

    Seen destination(DestinationStep step) {
        destination = step;
        return this;
    }

    Seen destination(DestinationStep step, Reason why) {
        destinationReason = why;
        return destination(step);
    }

    Seen decision(Decision word) {
        decision = word;
        return this;
    }

    MigrationObservation now() {
        return new MigrationObservation(
                abort,
                preflight,
                destinationPod,
                destinationProblem,
                sourcePodGone,
                undrained,
                source,
                sourceProblem,
                destination,
                destinationReason,
                decision);
    }
}
