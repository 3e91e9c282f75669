// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.controller.Statuses;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
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
            new FunctionInstanceStatus(null, null, null, null, null, null, null, null, null, null, null, null, null);

    private final KubernetesClient client;

    InstanceStatuses(KubernetesClient client) {
        this.client = client;
    }

    public Optional<FunctionInstance> find(String namespace, String name) {
        return Optional.ofNullable(resource(namespace, name).get());
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
        return Statuses.update(client, resource(namespace, name), instance -> change.apply(of(instance)));
    }

    /** As {@link #update(String, String, UnaryOperator)}, of an instance that was read at the server just now. */
    public Optional<FunctionInstance> update(FunctionInstance known, UnaryOperator<FunctionInstanceStatus> change) {
        return Statuses.update(
                client,
                resource(known.getMetadata().getNamespace(), known.getMetadata().getName()),
                known,
                instance -> change.apply(of(instance)));
    }

    private Resource<FunctionInstance> resource(String namespace, String name) {
        return client.resources(FunctionInstance.class).inNamespace(namespace).withName(name);
    }
}
