// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.files.TreeReader;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a migration does to the pod that leaves. One per migration; only what is asked for once it is frozen is asked for by
 * several threads.
 */
interface SourcePod {
    /** Finds the pod's containers on the node. */
    interface Finder {
        /**
         * @param containerIds by which runc knows each container
         * @param images folder for what is dumped
         */
        SourcePod of(String podUid, Map<String, String> containerIds, Path images);
    }

    /** Paths, by container, on which files of the pod's volumes are mounted. */
    Map<String, List<String>> mountedFiles() throws IOException;

    /**
     * Lets the destination see, until {@link #prepare}, that it has the same volumes, those that both sites share.
     *
     * @return what it is to be told; null if the pod has no volumes with a claim
     */
    Messages.@Nullable Claims showVolumes(String migration) throws IOException;

    /** Starts ahead what the freeze will need. The pod runs on. */
    void prepare() throws IOException;

    /** What the destination wants to know of a container before its images come: {@link RuncState#DESCRIPTORS}. */
    byte[] describe(String container) throws IOException;

    /** The file trees that may have to be sent, told before the freeze: one that is empty may not stay so. Asked for once. */
    List<TreeReader> files() throws IOException;

    /** The processes of a container that runs: their folders in /proc. */
    List<Path> processes(String container) throws IOException;

    /** Whether the containers that were prepared are those that run. */
    boolean runs() throws IOException;

    /** Lets nobody connect any more, and the pod accept who is waiting. It runs on. */
    void refuseConnections() throws StepFailed;

    /** Stops every container and every packet. If it fails some containers may be stopped. */
    void freeze() throws StepFailed;

    /** Dumps a frozen container, which stays frozen. Waits for the end: a dump cannot be cancelled. */
    void dump(String container) throws IOException;

    /** Writes out what the frozen pod has written to volumes that both sites share. */
    void flush() throws IOException;

    List<Path> images(String container) throws IOException;

    /**
     * Gives files of a pod that was dumped the names by which the destination will look for them.
     *
     * @return whether there are such: then the trees that have been sent lack them
     */
    boolean nameFiles() throws IOException;

    /**
     * Lets every container run, from whatever state. Waits for dumps that are running, also those of an agent before this
     * one.
     *
     * @return whether every container is still there to run
     */
    boolean resume();

    /** The pod runs elsewhere, with what it had in volumes that were sent. */
    void left();

    /** Ends what was started ahead and not needed. Harmless if there is nothing. */
    void release();
}
