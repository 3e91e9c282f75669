// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** Where a migration stands (design: one mobility event, end to end). */
public enum MigrationPhase {
    /** Accepted, waits for its turn. */
    Pending,
    /** Preflight on both ends; the destination pod comes up with held containers. */
    Preparing,
    /** The source's agent gets ready to freeze and sends memory ahead; the instance runs. */
    PreCopying,
    /** Gateways hold new calls and wait for those in flight. */
    Draining,
    /** The source agent freezes, dumps, streams and decides; the hub waits. */
    Handover,
    /** END was sent: only the destination may run the instance. */
    Restoring,
    /** The instance runs at the destination. */
    Succeeded,
    /** The instance runs on at the source; {@code status.reason} says why. */
    RolledBack,
    /** Stopped on request before the handover; the instance runs on at the source. */
    Aborted,
    /** Both ends lost the instance's state; it starts cold. */
    Failed,
    /** Nobody runs until both ends agree or an administrator decides. */
    InDoubt;

    /** Whether nothing more will happen. */
    public boolean isFinal() {
        return this == Succeeded || this == RolledBack || this == Aborted || this == Failed;
    }
}
