// SPDX-License-Identifier: Apache-2.0
package dev.carovana.openfaas;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.carovana.openfaas.OpenFaasFunction.Spec;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is read of a {@code Function} of {@code openfaas.com/v1}. It is never written with this class. Its constraints are
 * not read: where an instance runs is what its site says.
 */
@Group("openfaas.com")
@Version("v1")
@Kind("Function")
@Plural("functions")
@JsonIgnoreProperties(ignoreUnknown = true)
public class OpenFaasFunction extends CustomResource<Spec, Void> implements Namespaced {
    private static final long serialVersionUID = 1L;

    /**
     * @param name the container's name, and the {@code faas_function} label
     * @param handler the process that the watchdog starts: environment variable {@code fprocess}
     * @param environment further environment variables
     * @param labels on the pods; users of OpenFaaS write theirs here
     * @param annotations on the pods
     * @param secrets names of Secrets, all mounted at /var/openfaas/secrets
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Spec(
            @Nullable String name,
            @Nullable String image,
            @Nullable String handler,
            @Nullable Map<String, String> environment,
            @Nullable Map<String, String> labels,
            @Nullable Map<String, String> annotations,
            @Nullable List<String> secrets,
            @Nullable Resources limits,
            @Nullable Resources requests,
            @Nullable Boolean readOnlyRootFilesystem) {}

    /** Quantities as Kubernetes writes them. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Resources(@Nullable String cpu, @Nullable String memory) {}
}
