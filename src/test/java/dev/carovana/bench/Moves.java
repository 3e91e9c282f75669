// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long Migrations take to appear, as a watch sees them: those that events ask for, and those that are simply
 * created, which is what the API server needs by itself.
 */
final class Moves implements AutoCloseable {
    private final KubernetesClient client;
    private final Map<String, Long> begun = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Migration> watch;
    private volatile Latencies ofEvents = new Latencies();
    private volatile Latencies ofCreates = new Latencies();
    private int created;

    Moves(KubernetesClient client) {
        this.client = client;
        watch = client.resources(Migration.class).inNamespace(Hub.NAMESPACE).inform(new Appearing());
    }

    /** What was measured before is forgotten. */
    void restart() {
        begun.clear();
        ofEvents = new Latencies();
        ofCreates = new Latencies();
    }

    /** @param trigger source and id of the event, as the Migration repeats them */
    void begin(String trigger, long at) {
        begun.put(trigger, at);
    }

    /** The instance does not exist: the controller leaves the Migration alone as soon as it has looked at it. */
    void create() {
        String name = "plain-" + ++created;
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(Hub.NAMESPACE)
                .build());
        migration.setSpec(new MigrationSpec("nobody", "edge-a", MigrationSpec.Reason.Manual, name, null));
        begun.put(name, System.nanoTime());
        client.resource(migration).create();
    }

    Latencies ofEvents() {
        return ofEvents;
    }

    Latencies ofCreates() {
        return ofCreates;
    }

    int missing() {
        return begun.size();
    }

    private final class Appearing implements ResourceEventHandler<Migration> {
        @Override
        public void onAdd(Migration migration) {
            long now = System.nanoTime();
            Long start =
                    begun.remove(Objects.requireNonNullElse(migration.getSpec().trigger(), ""));
            if (start != null) {
                boolean plain = migration.getMetadata().getName().startsWith("plain-");
                (plain ? ofCreates : ofEvents).add(now - start);
            }
        }

        @Override
        public void onUpdate(Migration before, Migration now) {}

        @Override
        public void onDelete(Migration migration, boolean unknown) {}
    }

    @Override
    public void close() {
        watch.close();
    }
}
