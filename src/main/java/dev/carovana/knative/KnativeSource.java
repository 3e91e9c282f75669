// SPDX-License-Identifier: Apache-2.0
package dev.carovana.knative;

import dev.carovana.controller.function.FunctionSource;
import dev.carovana.model.Reason;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Knative Service with the label {@code carovana.dev/state}. What runs is its latest ready Revision, as Knative itself
 * would run it, but for its queue-proxy: an instance has one user and one address, and needs neither its queue nor its
 * probes.
 */
@ApplicationScoped
class KnativeSource implements FunctionSource<Service> {
    private final KubernetesClient client;

    KnativeSource(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Class<Service> type() {
        return Service.class;
    }

    @Override
    public Template template(Service service) {
        String name = latestReady(service);
        String what = "Knative Service " + service.getMetadata().getName();
        if (name == null) {
            return new Template.Refused(new Reason(
                    "FunctionNotReady", what + ": status.latestReadyRevisionName is empty, expected a ready Revision"));
        }
        Revision revision = client.resources(Revision.class)
                .inNamespace(service.getMetadata().getNamespace())
                .withName(name)
                .get();
        return revision == null
                ? new Template.Refused(new Reason(
                        "FunctionNotReady",
                        what + ": status.latestReadyRevisionName is '" + name + "', and there is no such Revision"))
                : new Template.Found(RevisionTemplates.of(revision));
    }

    /** They are called by way of Knative's ingress. */
    @Override
    public Optional<Integer> copyPort() {
        return Optional.of(80);
    }

    /** Revisions do not change: another one is another template. */
    @Override
    public String templateVersion(Service service) {
        return Objects.requireNonNullElse(latestReady(service), "");
    }

    private static @Nullable String latestReady(Service service) {
        return service.getStatus() == null ? null : service.getStatus().getLatestReadyRevisionName();
    }
}
