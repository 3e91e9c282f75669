// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

/** Where the holder of one container stands. */
public enum HolderState {
    /** Nothing was restored yet. */
    HELD,
    RESTORING,
    /** In memory, every process stopped: no instruction of the function has run. */
    RESTORED,
    /** It executes. */
    RESUMED,
    /** The restore failed or was discarded: nothing runs, and the holder holds on. */
    FAILED;

    static HolderState of(String word) {
        return switch (word) {
            case "held" -> HELD;
            case "restored" -> RESTORED;
            case "resumed" -> RESUMED;
            case "failed" -> FAILED;
            default -> RESTORING;
        };
    }
}
