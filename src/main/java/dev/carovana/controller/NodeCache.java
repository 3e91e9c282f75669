// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Site;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The hub's nodes, Liqo's virtual ones among them: to which site they belong, and whether they are ready. */
@ApplicationScoped
public class NodeCache extends WatchCache<Node> {
    private static final String READY = "Ready";

    @Override
    SharedIndexInformer<Node> informer(KubernetesClient client) {
        return client.nodes().withLimit(Pages.OBJECTS).runnableInformer(0).itemStore(new SlimNodes());
    }

    /** A site's nodes: Liqo's virtual ones, or the hub's own. */
    public List<Node> of(Site site) {
        return objects().list().stream().filter(node -> isOf(node, site)).toList();
    }

    public static boolean isOf(Node node, Site site) {
        Map<String, String> labels =
                Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
        return site.getSpec().liqo() != null
                ? site.getSpec().liqo().clusterID().equals(labels.get("liqo.io/remote-cluster-id"))
                : !labels.containsKey("liqo.io/type");
    }

    public static boolean isReady(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(
                                c -> c.getType().equals(READY) && c.getStatus().equals("True"));
    }

    /** A node's images are most of it. */
    private static final class SlimNodes extends BasicItemStore<Node> {
        SlimNodes() {
            super(Cache::metaNamespaceKeyFunc);
        }

        @Override
        public @Nullable Node put(String key, Node node) {
            Node kept = new Node();
            kept.setMetadata(SlimMetadata.identity(node.getMetadata())
                    .withLabels(node.getMetadata().getLabels())
                    .build());
            List<NodeCondition> ready = node.getStatus() == null
                    ? List.of()
                    : node.getStatus().getConditions().stream()
                            .filter(c -> c.getType().equals(READY))
                            .toList();
            kept.setStatus(new NodeStatusBuilder().withConditions(ready).build());
            return super.put(key, kept);
        }

        /** So that nobody takes what is kept for the node. */
        @Override
        public boolean isFullState() {
            return false;
        }
    }
}
