// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Site;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.List;
import java.util.Objects;

/** What binds a pod to a site's nodes at the hub: Liqo's virtual one, or the hub's own. Pure. */
public final class SitePods {
    /** Liqo keeps pods that do not say so away from its virtual nodes. */
    public static final Toleration OFFLOADED = new TolerationBuilder()
            .withKey("virtual-node.liqo.io/not-allowed")
            .withOperator("Exists")
            .withEffect("NoExecute")
            .build();

    private static final List<String> UNHEARD =
            List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

    /** Kubernetes' own default, for pods that do not say how long they stay. */
    private static final long DEFAULT_SECONDS = 300;

    private SitePods() {}

    /**
     * With these a pod stays on a node that is not heard of, for as long as that lasts: it may well run there, and what it has in
     * its memory would be lost. See docs/adr/0035.
     */
    public static List<Toleration> staying() {
        return UNHEARD.stream()
                .map(key -> new TolerationBuilder()
                        .withKey(key)
                        .withOperator("Exists")
                        .withEffect("NoExecute")
                        .build())
                .toList();
    }

    /** Whether it is in a pod that said nothing: one of {@link #staying}, or what the API server has added. */
    public static boolean isDefault(Toleration toleration) {
        return staying().contains(toleration)
                || (UNHEARD.contains(toleration.getKey())
                        && Objects.equals(toleration.getTolerationSeconds(), DEFAULT_SECONDS));
    }

    public static Affinity affinity(Site site) {
        NodeSelectorRequirement where = site.getSpec().liqo() != null
                ? new NodeSelectorRequirementBuilder()
                        .withKey("liqo.io/remote-cluster-id")
                        .withOperator("In")
                        .withValues(site.getSpec().liqo().clusterID())
                        .build()
                : new NodeSelectorRequirementBuilder()
                        .withKey("liqo.io/type")
                        .withOperator("DoesNotExist")
                        .build();
        return new AffinityBuilder()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .withMatchExpressions(where)
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }
}
