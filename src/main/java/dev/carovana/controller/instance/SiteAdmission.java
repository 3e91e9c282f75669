// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.Namespaces;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Whether a site takes an instance. */
@ApplicationScoped
class SiteAdmission {
    private final KubernetesClient client;

    private final Namespaces namespaces;

    SiteAdmission(KubernetesClient client, Namespaces namespaces) {
        this.client = client;
        this.namespaces = namespaces;
    }

    sealed interface Result {
        record Open(Site site) implements Result {}

        record Closed(Reason reason) implements Result {}
    }

    /**
     * The site where an instance should be, or why it cannot be there.
     *
     * @param isNew whether it has not been there yet; one that was there and was lost may come back
     */
    Result check(FunctionInstance instance, boolean isNew) {
        String wanted = instance.getSpec().site();
        Site site = client.resources(Site.class).withName(wanted).get();
        if (site == null) {
            return closed("SiteNotFound", "spec.site '" + wanted + "': there is no such Site");
        }
        Optional<Reason> notAllowed =
                namespaces.allowedSites(instance.getMetadata().getNamespace()).against(wanted);
        if (notAllowed.isPresent()) {
            return new Result.Closed(notAllowed.get());
        }
        if (!isNew) {
            return new Result.Open(site);
        }
        if (Boolean.TRUE.equals(site.getSpec().cordoned())) {
            return closed("SiteCordoned", "site " + wanted + ": spec.cordoned is true");
        }
        Integer limit =
                site.getSpec().limits() == null ? null : site.getSpec().limits().maxInstances();
        if (limit == null) {
            return new Result.Open(site);
        }
        long there = client.resources(FunctionInstance.class).inAnyNamespace().list().getItems().stream()
                .map(InstanceStatuses::of)
                .filter(s -> wanted.equals(s.site()) && s.podUid() != null)
                .count();
        return there < limit
                ? new Result.Open(site)
                : closed(
                        "SiteLimit",
                        "site " + wanted + ": spec.limits.maxInstances is " + limit + " and " + there + " are there");
    }

    private static Result closed(String code, String message) {
        return new Result.Closed(new Reason(code, message));
    }
}
