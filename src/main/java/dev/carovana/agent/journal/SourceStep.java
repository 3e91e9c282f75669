// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import dev.carovana.link.v1.Step;

/** How far the source of a migration has come. Written before what it announces is done. */
public enum SourceStep {
    /** Connecting, sending ahead; the pod runs. */
    PREPARING(Step.PRECOPYING),
    /** Everything is ready, and waits for the order to hand over; the pod runs. */
    PRECOPIED(Step.PRECOPIED),
    FREEZING(Step.FREEZING),
    FROZEN(Step.FROZEN),
    DUMPED(Step.DUMPED),
    /** The handover: END was sent, or may have been. */
    END_SENT(Step.END_SENT),
    /** Decided: the source runs on. */
    THAWING(Step.STEP_UNKNOWN),
    RELEASED(Step.RELEASED),
    THAWED(Step.THAWED),
    LOST(Step.LOST);

    private final Step wire;

    SourceStep(Step wire) {
        this.wire = wire;
    }

    public Step wire() {
        return wire;
    }

    public boolean isFinal() {
        return this == RELEASED || this == THAWED || this == LOST;
    }

    /** Whether nothing has been done to the pod that would have to be undone. */
    public boolean beforeFreeze() {
        return compareTo(FREEZING) < 0;
    }

    /** Whether the source may still decide for itself (R2). */
    public boolean beforeHandover() {
        return compareTo(END_SENT) < 0;
    }
}
