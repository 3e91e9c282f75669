// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.PodCache;
import dev.carovana.controller.route.GatewayDrains;
import dev.carovana.link.Agents;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What makes a migration be looked at again: agents' and gateways' words, and its pods. */
@ApplicationScoped
class MigrationSources {
    private final Agents agents;
    private final GatewayDrains drains;
    private final PodCache pods;
    private final Map<String, ResourceID> byUid = new ConcurrentHashMap<>();

    MigrationSources(Agents agents, GatewayDrains drains, PodCache pods) {
        this.agents = agents;
        this.drains = drains;
        this.pods = pods;
    }

    /**
     * @param strayed is called with the uid of a migration that an agent speaks of and that is not under way
     */
    List<EventSource<?, Migration>> of(Consumer<String> strayed) {
        SimpleInboundEventSource<Migration> words = new SimpleInboundEventSource<>("words");
        agents.onReport(uid -> Optional.ofNullable(byUid.get(uid))
                .ifPresentOrElse(words::propagateEvent, () -> Thread.ofVirtual().start(() -> strayed.accept(uid))));
        // those of agents that were quicker; what is under way is looked at anyway
        agents.spokenOf().forEach(uid -> Thread.ofVirtual().start(() -> strayed.accept(uid)));
        drains.onDrained(uid -> Optional.ofNullable(byUid.get(uid)).ifPresent(words::propagateEvent));
        pods.onChange((before, now) -> {
            // agents say how a pod comes up; only that it is there, gone or hopeless is told by the pod alone
            if (before == null || now == null || MigrationObserver.problem(now) != null) {
                concerned(Objects.requireNonNullElse(now, before)).forEach(words::propagateEvent);
            }
        });
        return List.of(words);
    }

    private Set<ResourceID> concerned(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        String begin = pod.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL) + "-";
        return byUid.values().stream()
                .filter(id -> id.getNamespace().orElse("").equals(namespace)
                        && id.getName().startsWith(begin))
                .collect(Collectors.toSet());
    }

    /** When its phase began; what was not heard because the controller was away itself is waited for anew. */
    Instant waitingSince(Migration migration) {
        Instant began = MigrationStatuses.since(migration);
        Instant open = drains.openSince();
        return began.isBefore(open) ? open : began;
    }

    /** A migration is under way. */
    void begin(Migration migration) {
        byUid.put(migration.getMetadata().getUid(), ResourceID.fromResource(migration));
    }

    /** Nothing is left to be done for a migration. */
    void end(Migration migration) {
        byUid.remove(migration.getMetadata().getUid());
        pods.forget(migration.getMetadata().getUid());
    }
}
