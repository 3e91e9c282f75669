// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.link.v1.PodAddress;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that the pods of instances have at their own sites, as the sites' agents say. The hub may see others: Liqo
 * remaps those of sites whose pod networks overlap. Thread-safe.
 */
@ApplicationScoped
public class PodAddresses {
    private record Key(String site, String namespace, String pod) {}

    private record Told(String node, PodAddress pod) {}

    private final Map<Key, Told> told = new ConcurrentHashMap<>();
    /** Nodes whose agents say addresses, by site. */
    private final Map<String, Set<String>> telling = new ConcurrentHashMap<>();

    private final List<Consumer<PodAddress>> listeners = new CopyOnWriteArrayList<>();

    /** Calls back when an agent has said something new. */
    public void onChange(Consumer<PodAddress> listener) {
        listeners.add(listener);
    }

    /** Where gateways of its site call a pod: null if the site's agents do not say, empty if they have yet to say. */
    public @Nullable String at(@Nullable String site, String namespace, @Nullable String pod) {
        if (site == null || pod == null) {
            return null;
        }
        Told known = told.get(new Key(site, namespace, pod));
        if (known != null) {
            return known.pod().getAddress();
        }
        return telling.getOrDefault(site, Set.of()).isEmpty() ? null : "";
    }

    /** Name of the node that has a pod; null if no agent has said so. */
    public @Nullable String nodeOf(String site, String namespace, String pod) {
        Told known = told.get(new Key(site, namespace, pod));
        return known == null ? null : known.node();
    }

    /**
     * An agent has connected.
     *
     * @param pods all that it has; null if it is an older one, which does not say
     */
    void connect(String site, String node, dev.carovana.link.v1.@Nullable PodAddresses pods) {
        Set<String> nodes = telling.computeIfAbsent(site, s -> ConcurrentHashMap.newKeySet());
        if (pods == null) {
            nodes.remove(node);
        } else {
            nodes.add(node);
        }
        List<PodAddress> now = pods == null ? List.of() : pods.getPodsList();
        Set<Key> mentioned = now.stream().map(pod -> key(site, pod)).collect(Collectors.toSet());
        told.entrySet()
                .removeIf(e -> e.getKey().site().equals(site)
                        && e.getValue().node().equals(node)
                        && !mentioned.contains(e.getKey()));
        now.forEach(pod -> tell(site, node, pod));
    }

    /** An agent says where a pod of its node is. */
    void tell(String site, String node, PodAddress pod) {
        Key key = key(site, pod);
        Told now = new Told(node, pod);
        if (pod.getAddress().isEmpty()) {
            // the pod may have been made anew, at another node
            told.computeIfPresent(key, (k, known) -> known.node().equals(node) ? null : known);
        } else if (!now.equals(told.put(key, now))) {
            listeners.forEach(listener -> listener.accept(pod));
        }
    }

    private static Key key(String site, PodAddress pod) {
        return new Key(site, pod.getNamespace(), pod.getName());
    }
}
