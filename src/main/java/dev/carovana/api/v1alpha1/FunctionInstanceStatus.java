// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the instance is. A user of a remote-state function has no pod of their own but is served by the function's copy at
 * a site.
 *
 * @param observedGeneration generation of the spec that this status answers
 * @param phase summary for people
 * @param site the site whose pod may run the instance
 * @param node name of the hub's node object (virtual or real) that the pod is bound to
 * @param podName the pod of this epoch
 * @param podUid uid of that pod at the hub
 * @param epoch counts the pods, or copies, that the instance has had, from 1
 * @param copy name of the copy that serves the user of a remote-state function; null for a local-state function
 * @param address IP address of the pod as the hub sees it, or the copy's name in the DNS of every cluster: with {@code epoch} the route fact that gateways follow
 * @param siteAddress IP address of the pod at its own site, where gateways call it; null if the site's agents do not say it
 * @param migration name of the active {@link Migration}: the lock
 * @param lastMigration name of the one before
 * @param conditions Ready, Routable, Migrating, UpToDate, StateLost
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FunctionInstanceStatus(
        @Nullable Long observedGeneration,
        @Nullable Phase phase,
        @Nullable String site,
        @Nullable String node,
        @Nullable String podName,
        @Nullable String podUid,
        @Nullable Long epoch,
        @Nullable String copy,
        @Nullable String address,
        @Nullable String siteAddress,
        @Nullable String migration,
        @Nullable String lastMigration,
        @Nullable List<Condition> conditions) {

    /** Summary of the conditions. */
    public enum Phase {
        Pending,
        Starting,
        Running,
        Migrating,
        Failed
    }
}
