// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.MigrationStatus.ContainerTimes;
import dev.carovana.link.Agents.Said;
import dev.carovana.link.v1.ContainerReport;
import dev.carovana.link.v1.Report;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeasurementsTest {
    private static final Said SOURCE = new Said(
            "edge-a",
            "node-a",
            Report.newBuilder()
                    .setPodUid("uid-a")
                    .setBytesSent(900)
                    .addContainers(dumped("cart", 1_000_000, 1_060_000))
                    .addContainers(dumped("redis", 1_002_000, 1_050_000))
                    .build());

    private static ContainerReport.Builder dumped(String name, long frozen, long dumped) {
        return ContainerReport.newBuilder()
                .setName(name)
                .setFrozenAtMicros(frozen)
                .setDumpedAtMicros(dumped)
                .setBytesDumped(4000)
                .setBytesSent(450);
    }

    private static Said destination(long cart, long redis) {
        return new Said(
                "edge-b",
                "node-b",
                Report.newBuilder()
                        .setPodUid("uid-b")
                        .addContainers(
                                ContainerReport.newBuilder().setName("cart").setRestoredAtMicros(cart))
                        .addContainers(
                                ContainerReport.newBuilder().setName("redis").setRestoredAtMicros(redis))
                        .build());
    }

    @Test
    void theFreezeIsFromTheFirstFrozenToTheLastResumed() {
        Measurements all = Measurements.of(Optional.of(SOURCE), Optional.of(destination(1_150_500, 1_140_000)));

        assertThat(all.freezeMillis()).isEqualTo(150.5);
        assertThat(all.bytesSent()).isEqualTo(900);
        assertThat(all.sourcePodUid()).isEqualTo("uid-a");
        assertThat(all.destinationNode()).isEqualTo("node-b");
        assertThat(all.containers())
                .containsExactly(
                        new ContainerTimes(
                                "cart",
                                "1970-01-01T00:00:01.000000Z",
                                "1970-01-01T00:00:01.060000Z",
                                "1970-01-01T00:00:01.150500Z",
                                4000L,
                                450L),
                        new ContainerTimes(
                                "redis",
                                "1970-01-01T00:00:01.002000Z",
                                "1970-01-01T00:00:01.050000Z",
                                "1970-01-01T00:00:01.140000Z",
                                4000L,
                                450L));
    }

    @Test
    void thereIsNoFreezeUntilAllHaveResumed() {
        assertThat(Measurements.of(Optional.of(SOURCE), Optional.of(destination(1_150_500, 0)))
                        .freezeMillis())
                .isNull();
        assertThat(Measurements.of(Optional.of(SOURCE), Optional.empty()).freezeMillis())
                .isNull();
        assertThat(Measurements.of(Optional.empty(), Optional.empty()).containers())
                .isEmpty();
    }
}
