// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** What the source's agent says of a migration; later steps come later. */
public enum SourceStep {
    /** It has not been told of the migration, or has forgotten the migration. */
    NONE,
    /** It gets ready and sends memory ahead; the pod runs. */
    PRECOPYING,
    /** It is ready, and waits for the handover; the pod runs. */
    PRECOPIED,
    FREEZING,
    FROZEN,
    DUMPED,
    /** The handover has happened. */
    END_SENT,
    /** It knows that the destination runs. */
    RELEASED,
    /** The source runs on. */
    THAWED,
    /** END was sent and nobody answers; the source stays frozen. */
    IN_DOUBT,
    /** The source could not go on. */
    LOST;

    /** Whether it has begun, and nothing has been done to the pod yet. */
    public boolean beforeFreeze() {
        return this == PRECOPYING || this == PRECOPIED;
    }
}
