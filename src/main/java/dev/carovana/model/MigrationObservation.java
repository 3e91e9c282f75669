// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the hub can see of a migration at one moment.
 *
 * @param abortWanted somebody deleted the Migration
 * @param preflight null until it has been made; empty when nothing speaks against the move
 * @param destinationPod whether the destination pod exists and can come up where the instance can go on
 * @param destinationProblem why it cannot
 * @param sourcePodGone the source pod does not exist any more
 * @param undrained gateways that do not hold the instance's calls yet, or have some under way
 * @param source the source agent's word; before the freeze it counts only while that agent is connected
 * @param sourceProblem why it thawed
 * @param destination the destination agent's word
 * @param destinationReason why it gave up
 * @param decision an administrator's word on a migration in doubt
 */
public record MigrationObservation(
        boolean abortWanted,
        @Nullable List<Reason> preflight,
        PodState destinationPod,
        @Nullable Reason destinationProblem,
        boolean sourcePodGone,
        List<String> undrained,
        SourceStep source,
        @Nullable Reason sourceProblem,
        DestinationStep destination,
        @Nullable Reason destinationReason,
        @Nullable Decision decision) {

    /** A pod as the hub sees it. */
    public enum PodState {
        ABSENT,
        COMING,
        BROKEN
    }

    /** Which side an administrator lets run. */
    public enum Decision {
        SOURCE,
        DESTINATION
    }
}
