// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.Site;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;

/** Says whether a site takes instances, and whether those that are there should leave. */
@ApplicationScoped
class SiteRequests {
    private final KubernetesClient client;
    private final Store store;

    SiteRequests(KubernetesClient client, Store store) {
        this.client = client;
        this.store = store;
    }

    Site cordon(String name) {
        return patch(name, "{\"cordoned\": true}");
    }

    Site uncordon(String name) {
        return patch(name, "{\"cordoned\": null, \"drain\": null}");
    }

    /** What the caller does not say stays as it is if the site is being drained already. */
    Site drain(String name, NewDrain wanted) {
        Map<String, Object> drain = new HashMap<>();
        if (wanted.policy() != null) {
            drain.put("policy", wanted.policy().name());
        }
        if (wanted.maxConcurrent() != null) {
            drain.put("maxConcurrent", wanted.maxConcurrent());
        }
        return patch(
                name,
                "{\"cordoned\": true, \"drain\": "
                        + client.getKubernetesSerialization().asJson(drain) + "}");
    }

    private Site patch(String name, String spec) {
        return client.resource(store.site(name))
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": " + spec + "}");
    }
}
