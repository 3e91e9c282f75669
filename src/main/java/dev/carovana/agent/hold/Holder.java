// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

import java.nio.file.Path;

/** One connected holder: what it said last, and what can be asked of it. */
public interface Holder {
    HolderStatus status();

    /**
     * Restore the container and leave all its processes stopped. Harmless if it is being restored already. A request
     * that does not arrive is repeated when the holder connects again.
     */
    void restore(Path imagePath, Path workPath);

    /** Let the restored container run. */
    void resume();

    /** Drop what was restored, for good. */
    void discard();
}
