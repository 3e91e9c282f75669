// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import dev.carovana.link.v1.Step;

/** How far the destination of a migration has come. Written before what it announces is done. */
public enum DestinationStep {
    EXPECTING(Step.EXPECTING),
    HELD(Step.HELD),
    RECEIVING(Step.RECEIVING),
    RECEIVED(Step.RECEIVED),
    /** END arrived: only the destination may run the instance from here on. */
    RESTORING(Step.RESTORING),
    /** Every container is in memory and stopped; the first may have been told to run. */
    RESUMING(Step.RESTORING),
    RESTORED(Step.RESTORED),
    /** A restore failed before the first container was told to run: everything restored is being dropped. */
    DISCARDING(Step.RESTORING),
    NEVER_RESUMED(Step.NEVER_RESUMED),
    CLEANED(Step.CLEANED);

    private final Step wire;

    DestinationStep(Step wire) {
        this.wire = wire;
    }

    public Step wire() {
        return wire;
    }

    public boolean isFinal() {
        return this == RESTORED || this == NEVER_RESUMED || this == CLEANED;
    }

    public boolean beforeHandover() {
        return compareTo(RESTORING) < 0;
    }
}
