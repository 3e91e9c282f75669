// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.controller.copy.Copies;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.model.UserAlias;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All instances as a watch shows them, without conditions, and a little late at times. Whoever decides upon them writes with their
 * resourceVersion, or reads again at the server what is not written (ADR 12). Thread-safe.
 */
@ApplicationScoped
public class InstanceCache extends WatchCache<FunctionInstance> {
    private static final String BY_SUBJECT = "subject";
    private static final String BY_SITE = "site";
    private static final String BY_COPY = "copy";
    private static final String BY_FUNCTION = "function";

    /** Wishes, by key. */
    private final WrittenHere<FunctionInstance> written = new WrittenHere<>(InstanceCache::version);

    @Override
    SharedIndexInformer<FunctionInstance> informer(KubernetesClient client) {
        return client.resources(FunctionInstance.class)
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
                                + i.getSpec().function().name())));
    }

    @Override
    void seen(FunctionInstance now) {
        written.shown(key(now), now);
    }

    @Override
    void gone(FunctionInstance before) {
        written.gone(key(before));
    }

    public Optional<FunctionInstance> find(String namespace, String name) {
        return shown(Cache.namespaceKeyFunc(namespace, name));
    }

    public List<FunctionInstance> all() {
        return objects().list();
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
        String key = key(now);
        written.wrote(key, now, () -> shown(key));
    }

    /** As it was found, as it was written here, or as the watch shows it: whichever is newest. */
    public FunctionInstance latest(FunctionInstance found) {
        String key = key(found);
        return written.latest(key, () -> shown(key))
                .filter(known -> version(known) > version(found))
                .orElse(found);
    }

    private Optional<FunctionInstance> shown(String key) {
        return Optional.ofNullable(objects().getByKey(key));
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
        return objects().byIndex(index, key);
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
}
