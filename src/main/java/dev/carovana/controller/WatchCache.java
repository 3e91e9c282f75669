// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.kubernetes.Informers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Indexer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Objects of a kind as a watch shows them, which may be a little late. In the controller it is filled before any event is
 * taken: an empty one would say that there is nothing. Thread-safe.
 */
public abstract class WatchCache<T> {
    private final List<Listener<T>> listeners = new CopyOnWriteArrayList<>();
    private @Nullable SharedIndexInformer<T> informer;
    private @Nullable CompletionStage<Void> filled;

    /** Told of each change after the cache has it; must not block. */
    public interface Listener<T> {
        /**
         * @param before as it is kept; null if it is new
         * @param now null if it does not exist any more
         */
        void changed(@Nullable T before, @Nullable T now);
    }

    /** What fills it, not started yet. */
    abstract SharedIndexInformer<T> informer(KubernetesClient client);

    /** The watch has shown an object, and no listener knows yet. */
    void seen(T now) {}

    /** The watch has shown that an object does not exist any more, and no listener knows yet. */
    void gone(T before) {}

    void start(@Observes @Priority(0) StartupEvent event, CarovanaConfig config, KubernetesClient client) {
        if (config.role() == Role.CONTROLLER) {
            informer = informer(client);
            informer.addEventHandler(new Changes());
            filled = Informers.start(informer);
        }
    }

    /** All caches are filled at once. */
    void fill(@Observes @Priority(1) StartupEvent event) {
        if (informer != null && filled != null) {
            Informers.await(informer, filled);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (informer != null) {
            informer.stop();
        }
    }

    public void onChange(Listener<T> listener) {
        listeners.add(listener);
    }

    Indexer<T> objects() {
        return Objects.requireNonNull(informer, "the cache is the controller's only")
                .getIndexer();
    }

    private final class Changes implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            seen(object);
            listeners.forEach(l -> l.changed(null, object));
        }

        @Override
        public void onUpdate(T before, T object) {
            seen(object);
            listeners.forEach(l -> l.changed(before, object));
        }

        @Override
        public void onDelete(T object, boolean unknown) {
            gone(object);
            listeners.forEach(l -> l.changed(object, null));
        }
    }
}
