// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The only way in which an instance's status changes: read, change, write back if nobody else did meanwhile. Two
 * reconcilers share it, and the lock of a migration lives in it.
 */
@ApplicationScoped
public class InstanceStatuses {
    private static final FunctionInstanceStatus EMPTY =
            new FunctionInstanceStatus(null, null, null, null, null, null, null, null, null, null, null);

    private final KubernetesClient client;

    InstanceStatuses(KubernetesClient client) {
        this.client = client;
    }

    public Optional<FunctionInstance> find(String namespace, String name) {
        return Optional.ofNullable(client.resources(FunctionInstance.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    /** An instance's status, empty but not null if it has none yet. */
    public static FunctionInstanceStatus of(FunctionInstance instance) {
        return instance.getStatus() == null ? EMPTY : instance.getStatus();
    }

    /**
     * Changes the status. {@code change} may be called several times, and may throw to give up.
     *
     * @return the instance after it, empty if it does not exist
     */
    public Optional<FunctionInstance> update(
            String namespace, String name, UnaryOperator<FunctionInstanceStatus> change) {
        while (true) {
            Optional<FunctionInstance> found = find(namespace, name);
            if (found.isEmpty()) {
                return found;
            }
            FunctionInstance instance = found.get();
            FunctionInstanceStatus before = of(instance);
            FunctionInstanceStatus after = change.apply(before);
            if (after.equals(before)) {
                return found;
            }
            instance.setStatus(after);
            try {
                return Optional.of(
                        client.resource(instance).lockResourceVersion().updateStatus());
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }
}
