// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.link.Gateways;
import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.Drained;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which gateways hold the calls of a migration's instance. One whose link breaks may live on and send calls: it counts
 * until it could have come back, as all of them do when the controller was away itself. Thread-safe.
 */
@ApplicationScoped
public class GatewayDrains {
    /** A gateway that lives tries to connect each second. */
    private static final Duration COME_BACK = Duration.ofSeconds(3);

    private static final String NOT_YET = "gateways have had no time to connect yet";

    private final Gateways gateways;
    private final Clock clock;
    private final Map<String, Set<Gateways.Id>> drained = new ConcurrentHashMap<>();
    private final Map<Gateways.Id, Instant> away = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Instant opened;

    @Inject
    GatewayDrains(Gateways gateways) {
        this(gateways, Clock.systemUTC());
    }

    GatewayDrains(Gateways gateways, Clock clock) {
        this.gateways = gateways;
        this.clock = clock;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        gateways.listen(new Words());
    }

    /** After the link has begun to listen. */
    void open(@Observes @Priority(10_000) StartupEvent event) {
        opened = clock.instant();
    }

    /** Calls back with a migration's uid when a gateway has said that it holds the calls. */
    public void onDrained(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** Whom a handover has to wait for; empty when nobody calls the instance any more. */
    public List<String> undrained(String migration) {
        Instant since = clock.instant().minus(COME_BACK);
        Instant begin = opened;
        if (begin == null || begin.isAfter(since)) {
            return List.of(NOT_YET);
        }
        away.values().removeIf(left -> !left.isAfter(since));
        Set<Gateways.Id> holding = drained.getOrDefault(migration, Set.of());
        return Stream.concat(gateways.all().stream().map(Gateway::id), away.keySet().stream())
                .distinct()
                .filter(id -> !holding.contains(id))
                .map(Gateways.Id::toString)
                .toList();
    }

    /** Forgets a migration that is over. */
    public void forget(String migration) {
        drained.remove(migration);
    }

    private final class Words implements Gateways.Listener {
        /** It says anew what it holds: it may be another process. */
        @Override
        public void connected(Gateway gateway) {
            drained.values().forEach(holding -> holding.remove(gateway.id()));
            away.remove(gateway.id());
        }

        @Override
        public void gone(Gateway gateway) {
            away.put(gateway.id(), clock.instant());
        }

        @Override
        public void drained(Gateway gateway, Drained word) {
            drained.computeIfAbsent(word.getHold(), hold -> ConcurrentHashMap.newKeySet())
                    .add(gateway.id());
            listeners.forEach(listener -> listener.accept(word.getHold()));
        }
    }
}
