// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import dev.carovana.link.v1.ContainerReport;

/** What was measured of one container; times in microseconds since the epoch, 0 for not yet. */
public record ContainerTimes(long frozenAt, long dumpedAt, long restoredAt, long bytesDumped, long bytesSent) {
    public static final ContainerTimes NONE = new ContainerTimes(0, 0, 0, 0, 0);

    public ContainerTimes frozen(long at) {
        return new ContainerTimes(at, dumpedAt, restoredAt, bytesDumped, bytesSent);
    }

    public ContainerTimes dumped(long at, long bytes) {
        return new ContainerTimes(frozenAt, at, restoredAt, bytes, bytesSent);
    }

    public ContainerTimes restored(long at) {
        return new ContainerTimes(frozenAt, dumpedAt, at, bytesDumped, bytesSent);
    }

    public ContainerTimes sent(long bytes) {
        return new ContainerTimes(frozenAt, dumpedAt, restoredAt, bytesDumped, bytes);
    }

    public ContainerReport report(String name) {
        return ContainerReport.newBuilder()
                .setName(name)
                .setFrozenAtMicros(frozenAt)
                .setDumpedAtMicros(dumpedAt)
                .setRestoredAtMicros(restoredAt)
                .setBytesDumped(bytesDumped)
                .setBytesSent(bytesSent)
                .build();
    }
}
