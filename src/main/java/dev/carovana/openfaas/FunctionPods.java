// SPDX-License-Identifier: Apache-2.0
package dev.carovana.openfaas;

import dev.carovana.openfaas.OpenFaasFunction.Resources;
import dev.carovana.openfaas.OpenFaasFunction.Spec;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the pod template of an OpenFaaS Function as faas-netes does. Pure. */
final class FunctionPods {
    private static final int PORT = 8080;
    private static final String SECRETS = "/var/openfaas/secrets";

    private FunctionPods() {}

    static PodTemplateSpec template(Spec spec, String name, String image) {
        Map<String, String> labels = new TreeMap<>(Objects.requireNonNullElse(spec.labels(), Map.of()));
        labels.put("faas_function", name);
        Map<String, String> annotations = Objects.requireNonNullElse(spec.annotations(), Map.of());
        var pod = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(annotations.get("com.openfaas.serviceaccount"))
                .addNewContainer()
                .withName(name)
                .withImage(image)
                .withEnv(environment(spec))
                .addNewPort()
                .withName("http")
                .withContainerPort(PORT)
                .endPort()
                .withNewResources()
                .withLimits(quantities(spec.limits()))
                .withRequests(quantities(spec.requests()))
                .endResources()
                .withReadinessProbe(probe(annotations.getOrDefault(
                        "com.openfaas.ready.http.path",
                        annotations.getOrDefault("com.openfaas.health.http.path", "/_/health"))))
                .withLivenessProbe(probe(annotations.getOrDefault("com.openfaas.health.http.path", "/_/health")))
                .withNewSecurityContext()
                .withReadOnlyRootFilesystem(Boolean.TRUE.equals(spec.readOnlyRootFilesystem()))
                .endSecurityContext()
                .endContainer()
                .endSpec();
        if (Boolean.TRUE.equals(spec.readOnlyRootFilesystem())) {
            pod = pod.editSpec()
                    .editFirstContainer()
                    .addNewVolumeMount()
                    .withName("temp")
                    .withMountPath("/tmp")
                    .endVolumeMount()
                    .endContainer()
                    .addNewVolume()
                    .withName("temp")
                    .withNewEmptyDir()
                    .endEmptyDir()
                    .endVolume()
                    .endSpec();
        }
        List<VolumeProjection> secrets = secrets(spec);
        if (!secrets.isEmpty()) {
            pod = pod.editSpec()
                    .editFirstContainer()
                    .addNewVolumeMount()
                    .withName("secrets")
                    .withMountPath(SECRETS)
                    .withReadOnly(true)
                    .endVolumeMount()
                    .endContainer()
                    .addNewVolume()
                    .withName("secrets")
                    .withNewProjected()
                    .withSources(secrets)
                    .endProjected()
                    .endVolume()
                    .endSpec();
        }
        return pod.build();
    }

    private static List<EnvVar> environment(Spec spec) {
        List<EnvVar> variables = new ArrayList<>();
        if (spec.handler() != null && !spec.handler().isEmpty()) {
            variables.add(variable("fprocess", spec.handler()));
        }
        Objects.requireNonNullElse(spec.environment(), Map.<String, String>of()).entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> variables.add(variable(e.getKey(), e.getValue())));
        return variables;
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static List<VolumeProjection> secrets(Spec spec) {
        return Objects.requireNonNullElse(spec.secrets(), List.<String>of()).stream()
                .map(name -> new VolumeProjectionBuilder()
                        .withNewSecret()
                        .withName(name)
                        .endSecret()
                        .build())
                .toList();
    }

    private static Map<String, Quantity> quantities(@Nullable Resources resources) {
        Map<String, Quantity> quantities = new TreeMap<>();
        if (resources != null && resources.cpu() != null) {
            quantities.put("cpu", new Quantity(resources.cpu()));
        }
        if (resources != null && resources.memory() != null) {
            quantities.put("memory", new Quantity(resources.memory()));
        }
        return quantities;
    }

    private static Probe probe(String path) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withPort(new IntOrString(PORT))
                .endHttpGet()
                .withPeriodSeconds(2)
                .build();
    }
}
