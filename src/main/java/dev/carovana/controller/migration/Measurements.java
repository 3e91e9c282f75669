// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.MigrationStatus.ContainerTimes;
import dev.carovana.link.Agents.Said;
import dev.carovana.link.v1.ContainerReport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What both agents measured, put together.
 *
 * @param sourcePodUid uid of the source pod in its own cluster, empty if not known
 * @param sourceNode its node there
 * @param destinationPodUid likewise
 * @param destinationNode likewise
 * @param containers times and bytes by container
 * @param freezeMillis from the first container frozen to the last one resumed, null until both are known. The two ends
 *     are clocks of two machines: as right as their synchronisation
 * @param bytesSent over the wire
 */
record Measurements(
        String sourcePodUid,
        String sourceNode,
        String destinationPodUid,
        String destinationNode,
        List<ContainerTimes> containers,
        @Nullable Double freezeMillis,
        long bytesSent) {

    static Measurements of(Optional<Said> source, Optional<Said> destination) {
        Map<String, ContainerReport.Builder> merged = new LinkedHashMap<>();
        source.ifPresent(said -> said.report().getContainersList().forEach(c -> merge(merged, c)));
        destination.ifPresent(said -> said.report().getContainersList().forEach(c -> merge(merged, c)));
        return new Measurements(
                source.map(s -> s.report().getPodUid()).orElse(""),
                source.map(Said::node).orElse(""),
                destination.map(s -> s.report().getPodUid()).orElse(""),
                destination.map(Said::node).orElse(""),
                merged.values().stream().map(Measurements::times).toList(),
                freeze(merged),
                Stream.concat(source.stream(), destination.stream())
                        .mapToLong(said -> said.report().getBytesSent())
                        .max()
                        .orElse(0));
    }

    private static void merge(Map<String, ContainerReport.Builder> merged, ContainerReport report) {
        // fields that a side does not know are 0 in its report, and do not overwrite
        merged.computeIfAbsent(report.getName(), name -> ContainerReport.newBuilder())
                .mergeFrom(report);
    }

    private static @Nullable Double freeze(Map<String, ContainerReport.Builder> merged) {
        long frozen = merged.values().stream()
                .mapToLong(ContainerReport.Builder::getFrozenAtMicros)
                .filter(at -> at > 0)
                .min()
                .orElse(0);
        boolean all = !merged.isEmpty() && merged.values().stream().allMatch(c -> c.getRestoredAtMicros() > 0);
        long restored = merged.values().stream()
                .mapToLong(ContainerReport.Builder::getRestoredAtMicros)
                .max()
                .orElse(0);
        return frozen == 0 || !all ? null : (restored - frozen) / 1000.0;
    }

    private static ContainerTimes times(ContainerReport.Builder c) {
        return new ContainerTimes(
                c.getName(),
                time(c.getFrozenAtMicros()),
                time(c.getDumpedAtMicros()),
                time(c.getRestoredAtMicros()),
                c.getBytesDumped() == 0 ? null : Long.valueOf(c.getBytesDumped()),
                c.getBytesSent() == 0 ? null : Long.valueOf(c.getBytesSent()));
    }

    private static @Nullable String time(long micros) {
        return micros == 0 ? null : MigrationStatuses.micros(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }
}
