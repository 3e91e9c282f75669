// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** What the destination's agent says of a migration; later steps come later. */
public enum DestinationStep {
    /** It has not been told, or has forgotten the migration. */
    NONE,
    EXPECTING,
    /** Every container of the destination pod is held. */
    HELD,
    RECEIVING,
    RECEIVED,
    /** It has got END. */
    RESTORING,
    /** Every container executes. */
    RESTORED,
    /** Not one instruction ran, nor will. */
    NEVER_RESUMED,
    /** Given up before END. */
    CLEANED
}
