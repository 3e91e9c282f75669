// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** What the source's agent says of a migration; later steps come later. */
public enum SourceStep {
    /** It has not been told of a handover, or has forgotten the migration. */
    NONE,
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
    LOST
}
