// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Sink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What a migration does to the pod that arrives, other than by its holders. Each step may be done twice. */
interface DestinationPod {
    /** Finds the pod on the node. */
    interface Finder {
        /** @param network its network namespace, a path of the node */
        DestinationPod of(String network);
    }

    /** From here on no packet reaches or leaves the pod. */
    void closeShield() throws IOException;

    /**
     * Starts ahead what has to be quick later.
     *
     * @param scratch folder for it
     */
    void expect(Path scratch) throws IOException;

    /**
     * Mounts files of volumes where there are folders as long as the volumes are empty.
     *
     * @param files paths in each container
     */
    void mountFiles(Map<HolderStatus, List<String>> files) throws IOException;

    /**
     * Makes sure that volumes with a claim are those that the source means, before anything is in doubt. Those that are sent are
     * emptied.
     *
     * @param shared paths in each container where the source shows its mark
     * @param sent paths in each container
     * @throws RefusedException if one is not
     */
    void takeVolumes(String migration, Map<HolderStatus, List<String>> shared, Map<HolderStatus, List<String>> sent)
            throws IOException;

    /** Lets the pod have addresses that its sockets are bound to: CRIU cannot restore them otherwise. */
    void addAddresses(Collection<String> addresses) throws IOException;

    /** Where a tree's files go. */
    Sink tree(Messages.Open tree, HolderStatus container) throws IOException;

    /**
     * Makes the streams between containers anew, for the restores to take.
     *
     * @return to be closed when all have
     */
    Closeable keepStreams(Path images, String podUid) throws IOException;

    /**
     * Connects datagram sockets of one container with those of another, once all are restored. See docs/adr/0031.
     *
     * @param images of all containers
     * @param podUid of this pod
     */
    void connectSockets(Path images, String podUid) throws IOException;

    /** From here on every packet passes. */
    void openShield() throws IOException;

    /** Takes the open shield away, which takes longer than to open it. */
    void removeShield() throws IOException;

    /** Ends what is bound to addresses of other pods, so that the function notices and connects anew. */
    void endConnections(Collection<String> addresses) throws IOException;

    /** Ends what was started ahead and not needed. */
    void release();
}
