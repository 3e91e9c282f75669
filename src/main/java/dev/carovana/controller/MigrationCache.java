// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.api.v1alpha1.Migration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All migrations as a watch shows them, or as the reconciler has just written them: whichever is newer. So a hold is not
 * late, and after a restart it is known before any gateway is told anything. Thread-safe.
 */
@ApplicationScoped
public class MigrationCache extends WatchCache<Migration> {
    private static final String BY_INSTANCE = "instance";
    private static final String BY_UID = "uid";

    /** By uid. */
    private final WrittenHere<Move> written = new WrittenHere<>(Move::progress);

    @Override
    SharedIndexInformer<Migration> informer(KubernetesClient client) {
        return client.resources(Migration.class)
                .inAnyNamespace()
                .withLimit(Pages.OBJECTS)
                .runnableInformer(0)
                .itemStore(new SlimMigrations())
                .addIndexers(Map.of(
                        BY_INSTANCE,
                        m -> List.of(
                                key(m.getMetadata().getNamespace(), m.getSpec().instance())),
                        BY_UID,
                        m -> List.of(m.getMetadata().getUid())));
    }

    @Override
    void seen(Migration migration) {
        Move now = Move.of(migration);
        written.shown(now.uid(), now);
    }

    @Override
    void gone(Migration migration) {
        written.gone(migration.getMetadata().getUid());
    }

    /** Those of an instance that the watch shows. */
    public List<Migration> of(String namespace, String instance) {
        return objects().byIndex(BY_INSTANCE, key(namespace, instance));
    }

    /** The reconciler has written a migration. */
    public Move wrote(Migration migration) {
        Move now = Move.of(migration);
        written.wrote(now.uid(), now, () -> shown(now.uid()));
        return now;
    }

    /** The last migration that has taken an instance. */
    public Optional<Move> last(String namespace, String instance) {
        String key = key(namespace, instance);
        // first those that no watch has shown: what is not among them any more is shown
        List<Move> unseen = written.all()
                .filter(m -> key(m.namespace(), m.instance()).equals(key))
                .toList();
        return Stream.concat(unseen.stream(), of(namespace, instance).stream().map(Move::of))
                .filter(m -> m.epoch() > 0)
                .max(Comparator.comparingLong(Move::epoch).thenComparingInt(Move::progress));
    }

    public Optional<Move> find(String uid) {
        return written.latest(uid, () -> shown(uid));
    }

    /** Namespace and name of a migration. */
    public record Id(String namespace, String name) {}

    public Optional<Id> idOf(String uid) {
        return find(uid).map(m -> new Id(m.namespace(), m.name()));
    }

    private Optional<Move> shown(String uid) {
        return objects().byIndex(BY_UID, uid).stream().findFirst().map(Move::of);
    }

    private static String key(String namespace, String instance) {
        return namespace + "/" + instance;
    }
}
