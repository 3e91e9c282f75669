// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.carovana.link.v1.Prepare;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Side;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The destination's record of a migration.
 *
 * @param pod its uid is empty until its containers are held
 * @param network the pod's network namespace, a path of the node; empty until its containers are held
 * @param oldAddresses that connections are bound to: the source pod's, and those of earlier moves
 * @param reason CamelCase, set on failures
 * @param bytesSent by the source, over the wire
 * @param atMicros when the step was entered
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record DestinationRecord(
        String migration,
        PodKey pod,
        List<String> containers,
        String sourceSite,
        String token,
        String network,
        List<String> oldAddresses,
        DestinationStep step,
        String reason,
        String message,
        Map<String, ContainerTimes> times,
        long bytesSent,
        long atMicros)
        implements MigrationRecord {
    public static DestinationRecord of(Prepare order, long atMicros) {
        return new DestinationRecord(
                order.getMigration(),
                PodKey.of(order.getPod()),
                List.copyOf(order.getContainersList()),
                order.getSourceSite(),
                order.getToken(),
                "",
                List.of(),
                DestinationStep.EXPECTING,
                "",
                "",
                Map.of(),
                0,
                atMicros);
    }

    public DestinationRecord enter(DestinationStep next, long at) {
        return copy(pod, network, oldAddresses, next, reason, message, times, bytesSent, at);
    }

    public DestinationRecord failed(DestinationStep next, String why, String text, long at) {
        return copy(pod, network, oldAddresses, next, why, text, times, bytesSent, at);
    }

    /** The pod that its holders belong to. */
    public DestinationRecord found(String podUid, String namespaceFile) {
        return copy(
                new PodKey(pod.namespace(), pod.name(), podUid),
                namespaceFile,
                oldAddresses,
                step,
                reason,
                message,
                times,
                bytesSent,
                atMicros);
    }

    public DestinationRecord replacing(Collection<String> addresses) {
        return copy(pod, network, List.copyOf(addresses), step, reason, message, times, bytesSent, atMicros);
    }

    /** What the source has measured until the handover. */
    public DestinationRecord measured(Map<String, ContainerTimes> sourceTimes, long bytes) {
        return copy(pod, network, oldAddresses, step, reason, message, Map.copyOf(sourceTimes), bytes, atMicros);
    }

    public DestinationRecord restored(String container, long at) {
        Map<String, ContainerTimes> all = new LinkedHashMap<>(times);
        all.put(container, times.getOrDefault(container, ContainerTimes.NONE).restored(at));
        return copy(pod, network, oldAddresses, step, reason, message, all, bytesSent, atMicros);
    }

    private DestinationRecord copy(
            PodKey pod,
            String network,
            List<String> oldAddresses,
            DestinationStep step,
            String reason,
            String message,
            Map<String, ContainerTimes> times,
            long bytesSent,
            long atMicros) {
        return new DestinationRecord(
                migration,
                pod,
                containers,
                sourceSite,
                token,
                network,
                oldAddresses,
                step,
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
                .setSide(Side.DESTINATION)
                .setStep(step.wire())
                .setReason(reason)
                .setMessage(message)
                .addAllContainers(MigrationRecord.reports(times))
                .setBytesSent(bytesSent)
                .setPodUid(pod.uid())
                .setAtMicros(atMicros)
                .build();
    }
}
