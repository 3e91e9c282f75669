// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.model.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What preflight last had against single nodes, for an instance: another node of the site may fit, and the site's
 * scheduler may choose this one all the same. Thread-safe. Not kept over a restart of the controller, and for the last
 * {@value #MOST} instances only: then the destination's own agent refuses, while the instance is frozen.
 */
@ApplicationScoped
class UnfitNodes {
    private static final int MOST = 1000;

    private final Map<String, Map<String, List<Reason>>> byInstance = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<String, List<Reason>>> eldest) {
            return size() > MOST;
        }
    };

    /** @param against what speaks against each node of a site that answered; perhaps nothing */
    synchronized void put(String namespace, String instance, String site, Map<String, List<Reason>> against) {
        byInstance.remove(key(namespace, instance, site));
        byInstance.put(key(namespace, instance, site), Map.copyOf(against));
    }

    synchronized List<Reason> at(String namespace, String instance, String site, String node) {
        return byInstance.getOrDefault(key(namespace, instance, site), Map.of()).getOrDefault(node, List.of());
    }

    private static String key(String namespace, String instance, String site) {
        return namespace + '/' + instance + '/' + site;
    }
}
