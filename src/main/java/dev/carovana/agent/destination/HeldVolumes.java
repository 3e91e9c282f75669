// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.VolumeMarks;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.kubernetes.ClaimMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The volumes with a claim of a pod that arrives. See docs/adr/0038.
 *
 * @param all by the pod's own word, not by the source's
 */
record HeldVolumes(Node node, Supplier<PodVolumes> all) {
    /** Refuses what is not as the source says, then empties what is sent. */
    void take(String migration, Map<HolderStatus, List<String>> shared, Map<HolderStatus, List<String>> sent)
            throws IOException {
        for (Map.Entry<HolderStatus, List<String>> of : shared.entrySet()) {
            for (String path : of.getValue()) {
                if (!VolumeMarks.isShown(folder(of.getKey(), path, all.get().ofShared()), migration)) {
                    throw new RefusedException(
                            "VolumeNotShared",
                            what(of.getKey(), path)
                                    + " is not the volume that the source has there: expected the claims of "
                                    + "both sites to lead to one, such as a path of an NFS server; or name it in the "
                                    + "function's annotation " + Carovana.SENT_VOLUMES_ANNOTATION);
                }
            }
        }
        for (Map.Entry<HolderStatus, List<String>> of : sent.entrySet()) {
            for (String path : of.getValue()) {
                if (!VolumeMarks.isReplaceable(
                        sent(of.getKey(), path), all.get().instance())) {
                    throw new RefusedException(
                            "VolumeNotEmpty",
                            what(of.getKey(), path)
                                    + " has content that is not an older copy of this instance's, expected "
                                    + "none, since it would be replaced: empty it");
                }
            }
        }
        for (Map.Entry<HolderStatus, List<String>> of : sent.entrySet()) {
            for (String path : of.getValue()) {
                VolumeMarks.empty(sent(of.getKey(), path));
            }
        }
    }

    /** The folder of a volume whose content comes. */
    Path sent(HolderStatus container, String path) throws IOException {
        return folder(container, path, all.get().ofSent());
    }

    private Path folder(HolderStatus container, String path, List<ClaimMount> expected) throws IOException {
        String source = RuncState.mountsOfBundle(node.see(container.bundle())).get(path);
        if (source == null
                || expected.stream()
                        .noneMatch(mount -> mount.container().equals(container.container())
                                && mount.path().equals(path))) {
            throw new ProtocolException(what(container, path) + " is no such volume of the pod");
        }
        return node.see(source);
    }

    private static String what(HolderStatus container, String path) {
        return "container " + container.container() + ": what is mounted at " + path;
    }
}
