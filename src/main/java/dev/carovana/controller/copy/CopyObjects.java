// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.SitePods;
import dev.carovana.controller.function.Function;
import dev.carovana.model.InstanceNames;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The objects that a copy consists of. Pure. */
final class CopyObjects {
    private static final int HASH_LENGTH = 8;

    private CopyObjects() {}

    /** The same for the same function and site; people recognise both. */
    static String name(FunctionRef function, String site) {
        String text = String.join("\0", function.apiVersion(), function.kind(), function.name(), site);
        String hash =
                UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
        return InstanceNames.readable(function.name() + "-" + site) + "-" + hash.substring(0, HASH_LENGTH);
    }

    static Deployment deployment(String namespace, String name, Function function, Site site) {
        return new DeploymentBuilder()
                .withMetadata(metadata(namespace, name, function)
                        .addToAnnotations(
                                Carovana.SITE_ANNOTATION, site.getMetadata().getName())
                        .addToAnnotations(Carovana.TEMPLATE_ANNOTATION, function.templateHash())
                        .build())
                .withNewSpec()
                .withReplicas(1)
                .withNewSelector()
                .addToMatchLabels(Carovana.COPY_LABEL, name)
                .endSelector()
                .withTemplate(function.template())
                .editTemplate()
                .editOrNewMetadata()
                .addToLabels(Carovana.COPY_LABEL, name)
                .endMetadata()
                .editSpec()
                .withAffinity(SitePods.affinity(site))
                .addToTolerations(SitePods.OFFLOADED)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    static Service service(String namespace, String name, Function function) {
        List<ServicePort> ports = function.template().getSpec().getContainers().stream()
                .flatMap(container -> container.getPorts().stream())
                .map(port -> new ServicePortBuilder()
                        .withName(Objects.requireNonNullElse(port.getName(), "port-" + port.getContainerPort()))
                        .withProtocol(port.getProtocol())
                        .withPort(port.getContainerPort())
                        .withTargetPort(new IntOrString(port.getContainerPort()))
                        .build())
                .toList();
        return new ServiceBuilder()
                .withMetadata(metadata(namespace, name, function).build())
                .withNewSpec()
                .addToSelector(Carovana.COPY_LABEL, name)
                .withClusterIP(ports.isEmpty() ? "None" : null)
                .withPorts(ports)
                .endSpec()
                .build();
    }

    private static ObjectMetaBuilder metadata(String namespace, String name, Function function) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels(Carovana.COPY_LABEL, name)
                .withOwnerReferences(function.owner());
    }
}
