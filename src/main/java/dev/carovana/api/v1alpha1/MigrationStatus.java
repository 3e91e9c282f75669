// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has happened. Times are RFC 3339 with microseconds, as measured where the step happened.
 *
 * @param phase where it stands
 * @param reason one word (CamelCase) for the last failure or refusal
 * @param message the same for people: names the field, container or node
 * @param from site of the source
 * @param epoch epoch of the destination pod
 * @param sourcePod name of the source pod
 * @param sourcePodUid its uid in the source site's own cluster
 * @param sourceNode its node in that cluster
 * @param destinationPod name of the destination pod
 * @param destinationPodUid its uid in the destination site's own cluster
 * @param destinationNode its node in that cluster
 * @param transitions phases with the times at which they began
 * @param containers what was measured for each container
 * @param freezeMillis from the first container frozen at the source to the last one resumed at the destination
 * @param totalMillis from Preparing to the final phase
 * @param bytesSent what went over the wire, compressed
 * @param requestsHeld calls that waited at gateways
 * @param conditions Preflight, Prepared, HandedOver, Restored, Succeeded
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MigrationStatus(
        @Nullable MigrationPhase phase,
        @Nullable String reason,
        @Nullable String message,
        @Nullable String from,
        @Nullable Long epoch,
        @Nullable String sourcePod,
        @Nullable String sourcePodUid,
        @Nullable String sourceNode,
        @Nullable String destinationPod,
        @Nullable String destinationPodUid,
        @Nullable String destinationNode,
        @Nullable List<Transition> transitions,
        @Nullable List<ContainerTimes> containers,
        @Nullable Double freezeMillis,
        @Nullable Double totalMillis,
        @Nullable Long bytesSent,
        @Nullable Integer requestsHeld,
        @Nullable List<Condition> conditions) {

    /**
     * @param phase the phase that began
     * @param at when, RFC 3339 with microseconds
     */
    public record Transition(MigrationPhase phase, String at) {}

    /**
     * @param name the container's name
     * @param frozenAt when it stopped executing at the source
     * @param dumpedAt when CRIU had written its images
     * @param restoredAt when it executed again at the destination
     * @param bytesDumped size of its images and files
     * @param bytesSent what of it went over the wire, compressed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ContainerTimes(
            String name,
            @Nullable String frozenAt,
            @Nullable String dumpedAt,
            @Nullable String restoredAt,
            @Nullable Long bytesDumped,
            @Nullable Long bytesSent) {}
}
