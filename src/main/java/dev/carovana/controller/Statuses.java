// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The only way in which a status changes: read at the server, change, write back unless somebody else did meanwhile. */
public final class Statuses {
    private Statuses() {}

    /**
     * Changes a status. {@code change} gets the object as it is now, may be called several times, and answers the whole
     * new status.
     *
     * @return the object after it, empty if it does not exist
     */
    public static <S, R extends CustomResource<?, S>> Optional<R> update(
            KubernetesClient client, Resource<R> where, Function<R, S> change) {
        while (true) {
            R found = where.get();
            if (found == null) {
                return Optional.empty();
            }
            S after = change.apply(found);
            if (Objects.equals(after, found.getStatus())) {
                return Optional.of(found);
            }
            found.setStatus(after);
            try {
                return Optional.of(client.resource(found).lockResourceVersion().updateStatus());
            } catch (KubernetesClientException e) {
                if (e.getCode() == 404) {
                    return Optional.empty();
                }
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }
}
