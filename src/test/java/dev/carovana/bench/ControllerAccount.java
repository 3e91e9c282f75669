// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The account that the controller is deployed with, and its rights. With a certificate instead, the Kubernetes client
 * would look for a newer configuration at each request.
 */
final class ControllerAccount {
    private static final Path NAMESPACE = Path.of("k8s/hub/namespace.yaml");
    private static final Path RIGHTS = Path.of("k8s/hub/rbac.yaml");

    private ControllerAccount() {}

    /** Makes it, and answers a token of it. */
    static String token(KubernetesClient client) throws IOException {
        HasMetadata namespace = client.resource(Files.readString(NAMESPACE)).create();
        String name = namespace.getMetadata().getName();
        try (var manifest = Files.newInputStream(RIGHTS)) {
            for (HasMetadata item : client.load(manifest).items()) {
                if (item instanceof ServiceAccount) {
                    item.getMetadata().setNamespace(name);
                }
                client.resource(item).create();
            }
        }
        return client.serviceAccounts()
                .inNamespace(name)
                .withName("carovana-controller")
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(7200L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }
}
