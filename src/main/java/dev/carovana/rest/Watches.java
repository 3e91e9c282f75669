// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Turns a Kubernetes watch into a stream of changes. */
@ApplicationScoped
class Watches {
    /** A stream ends after this time, so that a client whose rights were taken away is found out when it comes again. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    /** A client that is this far behind is cut off; it starts again with the whole list. */
    private static final int BUFFER = 4096;

    private final Store store;

    Watches(Store store) {
        this.store = store;
    }

    /** What exists, each as ADDED, and then every change. */
    <T extends HasMetadata, V> Multi<Change<V>> watch(
            Class<T> type, @Nullable String namespace, Predicate<T> filter, Function<T, V> view) {
        Multi<Change<V>> changes = Multi.createFrom()
                .emitter(
                        emitter -> {
                            Watch watch = store.within(type, namespace).watch(new Forward<>(emitter, filter, view));
                            emitter.onTermination(watch::close);
                        },
                        BUFFER);
        // opening the watch waits for the hub: not on an event loop, which may be the one that has to bring the answer
        return changes.runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .select()
                .first(LONGEST);
    }

    private record Forward<T extends HasMetadata, V>(
            MultiEmitter<? super Change<V>> emitter, Predicate<T> filter, Function<T, V> view) implements Watcher<T> {
        @Override
        public void eventReceived(Action action, T object) {
            if (action != Action.BOOKMARK && action != Action.ERROR && filter.test(object)) {
                emitter.emit(new Change<>(action.name(), view.apply(object)));
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            emitter.complete(); // the client comes again and gets the whole list
        }

        @Override
        public void onClose() {
            emitter.complete();
        }
    }
}
