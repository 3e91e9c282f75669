// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * What a holder says of itself, whole each time: one line of JSON. Paths are paths of the node.
 *
 * @param ready whether what can be done ahead of the images is done
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record HolderStatus(
        int version,
        String type,
        String migration,
        String podUid,
        String podNamespace,
        String podName,
        String container,
        String containerId,
        String sandboxId,
        String bundle,
        String netns,
        long pid,
        String state,
        boolean ready,
        long initPid,
        @Nullable String error) {
    /** The one version of the socket's protocol that there is. */
    static final int VERSION = 1;

    /** Where the holder stands; a word that this agent does not know counts as restoring: in doubt nobody runs. */
    public HolderState holderState() {
        return HolderState.of(state);
    }
}
