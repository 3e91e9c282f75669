// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.carovana.link.v1.PreCopy;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The source's record of a migration.
 *
 * @param containerIds of each container, by which runc knows it; empty until the pod was looked at
 * @param deadlineMillis no handover after it; 0 for none
 * @param inDoubt the handover was made and the destination cannot be asked
 * @param reason CamelCase, set on failures
 * @param atMicros when the step was entered
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SourceRecord(
        String migration,
        PodKey pod,
        List<String> containers,
        Map<String, String> containerIds,
        String destinationSite,
        String destinationAddress,
        String token,
        long deadlineMillis,
        SourceStep step,
        boolean inDoubt,
        String reason,
        String message,
        Map<String, ContainerTimes> times,
        long bytesSent,
        long atMicros)
        implements MigrationRecord {
    public static SourceRecord of(PreCopy order, long atMicros) {
        return new SourceRecord(
                order.getMigration(),
                PodKey.of(order.getPod()),
                List.copyOf(order.getContainersList()),
                Map.of(),
                order.getDestinationSite(),
                order.getDestinationAddress(),
                order.getToken(),
                0,
                SourceStep.PREPARING,
                false,
                "",
                "",
                Map.of(),
                0,
                atMicros);
    }

    /**
     * A migration of which this node has no record though the hub knows that it has begun: the node was restarted, or the pod made
     * anew. So what the function had in its memory is lost.
     */
    public static SourceRecord forgotten(String migration, PodKey pod, SourceStep end, long atMicros) {
        return new SourceRecord(
                migration,
                pod,
                List.of(),
                Map.of(),
                "",
                "",
                "",
                0,
                end,
                false,
                end == SourceStep.LOST ? "RecordLost" : "",
                end == SourceStep.LOST
                        ? "the node has no record of the migration any more: it was restarted, or the pod was made anew"
                        : "",
                Map.of(),
                0,
                atMicros);
    }

    /** The order to hand over says until when. */
    public SourceRecord until(long deadline) {
        return new SourceRecord(
                migration,
                pod,
                containers,
                containerIds,
                destinationSite,
                destinationAddress,
                token,
                deadline,
                step,
                inDoubt,
                reason,
                message,
                times,
                bytesSent,
                atMicros);
    }

    public SourceRecord enter(SourceStep next, long at) {
        return copy(pod, containerIds, next, false, reason, message, times, bytesSent, at);
    }

    public SourceRecord failed(SourceStep next, String why, String text, long at) {
        return copy(pod, containerIds, next, false, why, text, times, bytesSent, at);
    }

    public SourceRecord inDoubt(String text, long at) {
        return copy(pod, containerIds, step, true, "DestinationUnreachable", text, times, bytesSent, at);
    }

    public SourceRecord found(PodKey found, Map<String, String> ids) {
        return copy(found, Map.copyOf(ids), step, inDoubt, reason, message, times, bytesSent, atMicros);
    }

    public SourceRecord measured(String container, ContainerTimes measured) {
        Map<String, ContainerTimes> all = new LinkedHashMap<>(times);
        all.put(container, measured);
        return copy(pod, containerIds, step, inDoubt, reason, message, all, bytesSent, atMicros);
    }

    /** All containers at the same moment. */
    public SourceRecord frozen(long at) {
        SourceRecord frozen = this;
        for (String container : containers) {
            frozen = frozen.measured(container, timesOf(container).frozen(at));
        }
        return frozen;
    }

    /** What the destination has measured: its own report may come after this one. */
    public SourceRecord restored(Map<String, Long> at) {
        SourceRecord restored = this;
        for (Map.Entry<String, Long> container : at.entrySet()) {
            String name = container.getKey();
            restored = restored.measured(name, restored.timesOf(name).restored(container.getValue()));
        }
        return restored;
    }

    public SourceRecord sent(long bytes) {
        return copy(pod, containerIds, step, inDoubt, reason, message, times, bytes, atMicros);
    }

    public ContainerTimes timesOf(String container) {
        return times.getOrDefault(container, ContainerTimes.NONE);
    }

    private SourceRecord copy(
            PodKey pod,
            Map<String, String> containerIds,
            SourceStep step,
            boolean inDoubt,
            String reason,
            String message,
            Map<String, ContainerTimes> times,
            long bytesSent,
            long atMicros) {
        return new SourceRecord(
                migration,
                pod,
                containers,
                containerIds,
                destinationSite,
                destinationAddress,
                token,
                deadlineMillis,
                step,
                inDoubt,
                reason,
                message,
                times,
                bytesSent,
                atMicros);
    }

    @Override
    public Report report() {
        return Report.newBuilder()
                .setMigration(migration)
                .setSide(Side.SOURCE)
                .setStep(inDoubt ? Step.IN_DOUBT : step.wire())
                .setReason(reason)
                .setMessage(message)
                .addAllContainers(MigrationRecord.reports(times))
                .setBytesSent(bytesSent)
                .setPodUid(pod.uid())
                .setAtMicros(atMicros)
                .build();
    }
}
