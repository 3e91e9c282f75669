// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.copy.Copies;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.model.UserAlias;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All instances as a watch shows them, without conditions, and a little late at times. Whoever decides upon them writes with their
 * resourceVersion, or reads again at the server what is not written (ADR 12). Thread-safe.
 */
@ApplicationScoped
public class InstanceCache {
    private static final String BY_SUBJECT = "subject";
    private static final String BY_SITE = "site";
    private static final String BY_COPY = "copy";
    private static final String BY_FUNCTION = "function";

    private final CarovanaConfig config;
    private final KubernetesClient client;
    /** Wishes that were written here, by key, until the watch shows them or something later. */
    private final Map<String, FunctionInstance> written = new ConcurrentHashMap<>();

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private @Nullable SharedIndexInformer<FunctionInstance> informer;

    InstanceCache(CarovanaConfig config, KubernetesClient client) {
        this.config = config;
        this.client = client;
    }

    /** Before any event is taken: an empty cache would say that nobody has an instance. */
    void start(@Observes @Priority(1) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            informer = client.resources(FunctionInstance.class)
                    .inAnyNamespace()
                    .withLimit(Pages.OBJECTS)
                    .runnableInformer(0)
                    .itemStore(new SlimInstances())
                    .addIndexers(Map.of(
                            BY_SUBJECT,
                            InstanceCache::subjects,
                            BY_SITE,
                            InstanceCache::sites,
                            BY_COPY,
                            InstanceCache::copies,
                            BY_FUNCTION,
                            i -> List.of(i.getMetadata().getNamespace() + "/"
                                    + i.getSpec().function().name())))
                    .addEventHandler(new Changes());
            informer.run();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (informer != null) {
            informer.stop();
        }
    }

    /** Told of each change after the cache has it; must not block. */
    public interface Listener {
        /**
         * @param before null if it is new
         * @param now null if it does not exist any more
         */
        void changed(@Nullable FunctionInstance before, @Nullable FunctionInstance now);
    }

    public void onChange(Listener listener) {
        listeners.add(listener);
    }

    public Optional<FunctionInstance> find(String namespace, String name) {
        return Optional.ofNullable(informer().getStore().getByKey(Cache.namespaceKeyFunc(namespace, name)));
    }

    public List<FunctionInstance> all() {
        return informer().getStore().list();
    }

    /** Those of all functions of a name, whatever kinds they are of. */
    public List<FunctionInstance> ofFunction(String namespace, String name) {
        return by(BY_FUNCTION, namespace + "/" + name);
    }

    /** Those of the user who has any of the ids; with the wishes that were written here, however late the watch is. */
    public List<FunctionInstance> of(Collection<String> subjects) {
        return subjects.stream()
                .flatMap(subject -> by(BY_SUBJECT, subject).stream())
                .distinct()
                .map(this::latest)
                .toList();
    }

    /** The controller has written where an instance should be. */
    public void wrote(FunctionInstance now) {
        written.compute(key(now), (key, before) -> {
            FunctionInstance newer = newer(before, now);
            FunctionInstance seen = informer().getStore().getByKey(key);
            return seen == null || version(seen) >= version(newer) ? null : newer;
        });
    }

    private FunctionInstance latest(FunctionInstance found) {
        FunctionInstance own = written.get(key(found));
        // read after it: what is not among the written any more is in the store
        FunctionInstance seen = informer().getStore().getByKey(key(found));
        return newer(own, seen == null ? found : seen);
    }

    private static FunctionInstance newer(@Nullable FunctionInstance one, FunctionInstance other) {
        return one != null && version(one) > version(other) ? one : other;
    }

    private static long version(FunctionInstance instance) {
        return Long.parseLong(instance.getMetadata().getResourceVersion());
    }

    private static String key(FunctionInstance instance) {
        return Cache.metaNamespaceKeyFunc(instance);
    }

    /** How many are at a site, by their status. */
    public int countAt(String site) {
        return by(BY_SITE, site).size();
    }

    /** Whether any instance needs a copy of a remote-state function. */
    public boolean isNeeded(String namespace, String copy) {
        return !by(BY_COPY, namespace + "/" + copy).isEmpty();
    }

    private List<FunctionInstance> by(String index, String key) {
        return informer().getIndexer().byIndex(index, key);
    }

    private SharedIndexInformer<FunctionInstance> informer() {
        return Objects.requireNonNull(informer, "the cache is the controller's only");
    }

    private static List<String> sites(FunctionInstance instance) {
        String site = InstanceStatuses.of(instance).site();
        return site == null ? List.of() : List.of(site);
    }

    private static List<String> copies(FunctionInstance instance) {
        return Copies.neededBy(instance)
                .map(copy -> instance.getMetadata().getNamespace() + "/" + copy)
                .distinct()
                .toList();
    }

    /** The ids that events may have for the instance's user. */
    public static List<String> subjects(FunctionInstance instance) {
        FunctionInstanceSpec spec = instance.getSpec();
        return Stream.concat(
                        Stream.of(spec.user()),
                        Objects.requireNonNullElse(spec.userAliases(), List.<String>of()).stream()
                                .map(UserAlias::normal))
                .distinct()
                .toList();
    }

    private final class Changes implements ResourceEventHandler<FunctionInstance> {
        @Override
        public void onAdd(FunctionInstance instance) {
            forget(instance);
            listeners.forEach(l -> l.changed(null, instance));
        }

        @Override
        public void onUpdate(FunctionInstance before, FunctionInstance instance) {
            forget(instance);
            listeners.forEach(l -> l.changed(before, instance));
        }

        @Override
        public void onDelete(FunctionInstance instance, boolean unknown) {
            written.remove(key(instance));
            listeners.forEach(l -> l.changed(instance, null));
        }

        private void forget(FunctionInstance seen) {
            written.computeIfPresent(key(seen), (key, w) -> version(w) > version(seen) ? w : null);
        }
    }
}
