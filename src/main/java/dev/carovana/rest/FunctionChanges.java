// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.function.FunctionWatch;
import dev.carovana.controller.function.Functions;
import io.fabric8.kubernetes.client.Watcher.Action;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.operators.multi.processors.BroadcastProcessor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows functions, which are objects of several kinds: they are listed again when one of them, or how many instances it
 * has, changes. Thread-safe.
 */
@ApplicationScoped
class FunctionChanges {
    /** Changes come in many at once; nobody reads faster. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Functions functions;
    private final FunctionWatch watch;
    private final InstanceCache instances;
    private final BroadcastProcessor<Boolean> news = BroadcastProcessor.create();

    FunctionChanges(Functions functions, FunctionWatch watch, InstanceCache instances) {
        this.functions = functions;
        this.watch = watch;
        this.instances = instances;
    }

    void start(@Observes StartupEvent event) {
        watch.onChange((namespace, function) -> changed());
        instances.onChange((before, now) -> {
            if (before == null || now == null) {
                changed();
            }
        });
    }

    /** One at a time, as subscribers must be told; watches have threads of their own. */
    private synchronized void changed() {
        news.onNext(true);
    }

    /** What exists, each as ADDED, and then every change. */
    Multi<Change<FunctionView>> watch(@Nullable String namespace) {
        Multi<Boolean> looks = Multi.createBy()
                .merging()
                .streams(
                        Multi.createFrom().item(true),
                        news.onOverflow()
                                .dropPreviousItems()
                                .group()
                                .intoLists()
                                .every(PAUSE)
                                .map(some -> true));
        return Multi.createFrom()
                .deferred(() -> {
                    Known known = new Known();
                    return looks.emitOn(Infrastructure.getDefaultWorkerPool())
                            .onItem()
                            .transformToIterable(look -> known.changes(list(namespace)));
                })
                .select()
                .first(Watches.LONGEST);
    }

    private List<FunctionView> list(@Nullable String namespace) {
        return functions.list(namespace).stream()
                .map(f -> FunctionView.of(
                        f, instances.ofFunction(f.namespace(), f.reference().name())))
                .toList();
    }

    /** What a client has been told. */
    private static final class Known {
        private record Key(String namespace, String apiVersion, String kind, String name) {
            static Key of(FunctionView f) {
                return new Key(f.namespace(), f.apiVersion(), f.kind(), f.name());
            }
        }

        private Map<Key, FunctionView> told = Map.of();

        List<Change<FunctionView>> changes(List<FunctionView> functions) {
            Map<Key, FunctionView> now = functions.stream().collect(Collectors.toMap(Key::of, f -> f));
            Map<Key, FunctionView> before = told;
            told = now;
            Map<Key, FunctionView> gone = new HashMap<>(before);
            gone.keySet().removeAll(now.keySet());
            return Stream.concat(
                            gone.values().stream().map(f -> new Change<>(Action.DELETED.name(), f)),
                            functions.stream()
                                    .filter(f -> !f.equals(before.get(Key.of(f))))
                                    .map(f -> new Change<>(
                                            (before.containsKey(Key.of(f)) ? Action.MODIFIED : Action.ADDED).name(),
                                            f)))
                    .toList();
        }
    }
}
