// SPDX-License-Identifier: Apache-2.0
package dev.carovana.knative;

import io.fabric8.knative.serving.v1.ContainerStatus;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.RevisionSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes the pod template of a Revision as Knative's own controller does (knative.dev/serving,
 * {@code pkg/reconciler/revision/resources/deploy.go}), without queue-proxy. Pure.
 */
final class RevisionTemplates {
    private static final String SERVING = "serving.knative.dev/";
    private static final String AUTOSCALING = "autoscaling.knative.dev/";
    private static final int DEFAULT_PORT = 8080;

    private RevisionTemplates() {}

    static PodTemplateSpec of(Revision revision) {
        RevisionSpec spec = revision.getSpec();
        boolean alone = spec.getContainers().size() == 1;
        List<Container> containers = new ArrayList<>();
        for (int i = 0; i < spec.getContainers().size(); i++) {
            Container container = spec.getContainers().get(i);
            boolean serving = alone || !container.getPorts().isEmpty();
            containers.add(container(container, i, serving, revision));
        }
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                // with these a pod would be an endpoint of the Revision, and be counted by its autoscaler
                .withLabels(without(revision.getMetadata().getLabels(), SERVING))
                .withAnnotations(without(revision.getMetadata().getAnnotations(), SERVING, AUTOSCALING))
                .endMetadata()
                .withNewSpec()
                .withContainers(containers)
                .withVolumes(spec.getVolumes())
                .withImagePullSecrets(spec.getImagePullSecrets())
                .withPriorityClassName(spec.getPriorityClassName())
                .withServiceAccountName(spec.getServiceAccountName())
                .withSecurityContext(spec.getSecurityContext())
                .withShareProcessNamespace(spec.getShareProcessNamespace())
                .withDnsPolicy(spec.getDnsPolicy())
                .withDnsConfig(spec.getDnsConfig())
                .withHostAliases(spec.getHostAliases())
                .withInitContainers(spec.getInitContainers())
                .withTerminationGracePeriodSeconds(spec.getTimeoutSeconds())
                .endSpec()
                .build();
    }

    private static Container container(Container container, int index, boolean serving, Revision revision) {
        int port = port(container);
        List<EnvVar> environment = new ArrayList<>(container.getEnv());
        if (serving) {
            environment.add(value("PORT", Integer.toString(port)));
        }
        environment.add(value("K_REVISION", revision.getMetadata().getName()));
        environment.add(value("K_CONFIGURATION", label(revision, "configuration")));
        environment.add(value("K_SERVICE", label(revision, "service")));
        ContainerBuilder built = new ContainerBuilder(container)
                .withImage(image(container, index, revision))
                .withEnv(environment)
                .withReadinessProbe(probe(container.getReadinessProbe(), port))
                .withLivenessProbe(probe(container.getLivenessProbe(), port))
                .withStartupProbe(probe(container.getStartupProbe(), port));
        if (serving && container.getPorts().isEmpty()) {
            built.addNewPort().withContainerPort(port).endPort();
        }
        return built.build();
    }

    /** Knative resolves tags once for each Revision, so that all of its pods are the same. */
    private static String image(Container container, int index, Revision revision) {
        List<ContainerStatus> statuses =
                revision.getStatus() == null ? List.of() : revision.getStatus().getContainerStatuses();
        String digest = index < statuses.size() ? statuses.get(index).getImageDigest() : null;
        return digest == null || digest.isEmpty() ? container.getImage() : digest;
    }

    private static int port(Container container) {
        return container.getPorts().stream()
                .map(ContainerPort::getContainerPort)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(DEFAULT_PORT);
    }

    /** In a Revision a probe without a port, or with port 0, means the container's own. */
    private static @Nullable Probe probe(@Nullable Probe probe, int port) {
        if (probe == null) {
            return null;
        }
        ProbeBuilder built = new ProbeBuilder(probe);
        if (probe.getTcpSocket() != null && isUnset(probe.getTcpSocket().getPort())) {
            built.editTcpSocket().withPort(new IntOrString(port)).endTcpSocket();
        }
        if (probe.getHttpGet() != null && isUnset(probe.getHttpGet().getPort())) {
            built.editHttpGet().withPort(new IntOrString(port)).endHttpGet();
        }
        if (probe.getGrpc() != null
                && Objects.requireNonNullElse(probe.getGrpc().getPort(), 0) == 0) {
            built.editGrpc().withPort(port).endGrpc();
        }
        // Knative's "as often as it can", which queue-proxy understands; kubelet would make it ten seconds
        if (Objects.requireNonNullElse(probe.getPeriodSeconds(), 0) == 0) {
            built.withPeriodSeconds(1);
        }
        return built.build();
    }

    private static boolean isUnset(@Nullable IntOrString port) {
        return port == null || Integer.valueOf(0).equals(port.getIntVal());
    }

    private static EnvVar value(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static String label(Revision revision, String name) {
        return Objects.requireNonNullElse(revision.getMetadata().getLabels(), Map.<String, String>of())
                .getOrDefault(SERVING + name, "");
    }

    private static Map<String, String> without(@Nullable Map<String, String> entries, String... prefixes) {
        Map<String, String> kept = new TreeMap<>(Objects.requireNonNullElse(entries, Map.of()));
        for (String prefix : prefixes) {
            kept.keySet().removeIf(key -> key.startsWith(prefix));
        }
        return kept;
    }
}
