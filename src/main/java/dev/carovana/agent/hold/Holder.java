// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

import java.nio.file.Path;

/** One connected holder: what it said last, and what can be asked of it. */
public interface Holder {
    HolderStatus status();

    /**
     * Do what a restore can do before the images are there, once the container is started. Then the status says that files
     * may be written.
     */
    void prepare(Path imagePath, Path workPath);

    /**
     * Do what else a restore can do before the images are there.
     *
     * @param descriptors the dump's descriptors.json, which is not among the images: there runc waits
     */
    void describe(Path descriptors);

    /**
     * Restore the container and leave all its processes stopped. Harmless if it is being restored already. A request
     * that does not arrive is repeated when the holder connects again.
     *
     * @param descriptors as for {@link #describe}
     */
    void restore(Path imagePath, Path workPath, Path descriptors);

    /** Let the restored container run. */
    void resume();

    /** Drop what was restored, for good. */
    void discard();

    /** End, if nothing of the container runs: kubelet starts it again. */
    void end();
}
