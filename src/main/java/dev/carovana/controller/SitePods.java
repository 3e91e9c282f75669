// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Site;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;

/** What binds a pod to a site's nodes at the hub: Liqo's virtual one, or the hub's own. Pure. */
public final class SitePods {
    /** Liqo keeps pods that do not say so away from its virtual nodes. */
    public static final Toleration OFFLOADED = new TolerationBuilder()
            .withKey("virtual-node.liqo.io/not-allowed")
            .withOperator("Exists")
            .withEffect("NoExecute")
            .build();

    private SitePods() {}

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
