// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
        return update(client, where, where.get(), change);
    }

    /**
     * As {@link #update(KubernetesClient, Resource, Function)}, for an object that was read just now: the server is
     * asked again only if that is no longer how it is.
     *
     * @param known null if it does not exist
     */
    public static <S, R extends CustomResource<?, S>> Optional<R> update(
            KubernetesClient client, Resource<R> where, @Nullable R known, Function<R, S> change) {
        R found = known;
        while (found != null) {
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
            found = where.get();
        }
        return Optional.empty();
    }
}
