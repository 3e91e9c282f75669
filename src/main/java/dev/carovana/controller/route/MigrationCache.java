// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.SlimMigrations;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All migrations as a watch shows them, or as the reconciler has just written them: whichever is newer. So a hold is not
 * late, and after a restart it is known before any gateway is told anything. Thread-safe.
 */
@ApplicationScoped
public class MigrationCache {
    private static final String BY_INSTANCE = "instance";
    private static final String BY_UID = "uid";

    private final CarovanaConfig config;
    private final KubernetesClient client;
    /** By uid, until the watch shows them. */
    private final Map<String, Move> written = new ConcurrentHashMap<>();

    private final List<Consumer<Move>> listeners = new CopyOnWriteArrayList<>();
    private @Nullable SharedIndexInformer<Migration> informer;

    MigrationCache(CarovanaConfig config, KubernetesClient client) {
        this.config = config;
        this.client = client;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            informer = client.resources(Migration.class)
                    .inAnyNamespace()
                    .runnableInformer(0)
                    .itemStore(new SlimMigrations())
                    .addIndexers(Map.of(
                            BY_INSTANCE,
                            m -> List.of(key(
                                    m.getMetadata().getNamespace(), m.getSpec().instance())),
                            BY_UID,
                            m -> List.of(m.getMetadata().getUid())))
                    .addEventHandler(new Changes());
            informer.run();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (informer != null) {
            informer.stop();
        }
    }

    /** Is called for each migration that a watch has shown to be new, changed or gone; must not block. */
    void onChange(Consumer<Move> listener) {
        listeners.add(listener);
    }

    /** The reconciler has written a migration. */
    Move wrote(Migration migration) {
        Move now = Move.of(migration);
        written.compute(now.uid(), (uid, before) -> {
            Move newer = newer(before, now);
            return seen(uid).filter(m -> m.progress() >= newer.progress()).isPresent() ? null : newer;
        });
        return now;
    }

    /** The last migration that has taken an instance. */
    Optional<Move> last(String namespace, String instance) {
        String key = key(namespace, instance);
        return Stream.concat(
                        by(BY_INSTANCE, key).map(m -> newer(written.get(m.uid()), m)),
                        written.values().stream()
                                .filter(m -> key(m.namespace(), m.instance()).equals(key)))
                .filter(m -> m.epoch() > 0)
                .max(Comparator.comparingLong(Move::epoch).thenComparingInt(Move::progress));
    }

    Optional<Move> find(String uid) {
        return seen(uid).map(m -> newer(written.get(uid), m)).or(() -> Optional.ofNullable(written.get(uid)));
    }

    /** Namespace and name of a migration. */
    public record Id(String namespace, String name) {}

    public Optional<Id> idOf(String uid) {
        return find(uid).map(m -> new Id(m.namespace(), m.name()));
    }

    private Optional<Move> seen(String uid) {
        return by(BY_UID, uid).findFirst();
    }

    private Stream<Move> by(String index, String key) {
        return Objects.requireNonNull(informer, "the cache is the controller's only")
                .getIndexer()
                .byIndex(index, key)
                .stream()
                .map(Move::of);
    }

    private static Move newer(@Nullable Move one, Move other) {
        return one != null && one.progress() > other.progress() ? one : other;
    }

    private static String key(String namespace, String instance) {
        return namespace + "/" + instance;
    }

    private final class Changes implements ResourceEventHandler<Migration> {
        @Override
        public void onAdd(Migration migration) {
            tell(Move.of(migration));
        }

        @Override
        public void onUpdate(Migration before, Migration migration) {
            tell(Move.of(migration));
        }

        @Override
        public void onDelete(Migration migration, boolean unknown) {
            Move gone = Move.of(migration);
            written.remove(gone.uid());
            listeners.forEach(l -> l.accept(gone));
        }

        private void tell(Move now) {
            written.computeIfPresent(now.uid(), (uid, w) -> w.progress() > now.progress() ? w : null);
            listeners.forEach(l -> l.accept(now));
        }
    }
}
