// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.controller.MigrationCache;
import dev.carovana.controller.Move;
import dev.carovana.link.Gateways;
import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.LinkServer;
import dev.carovana.link.v1.Drained;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    private final Predicate<String> isHeld;
    private final InstantSource clock;
    private final Map<String, Set<Gateways.Id>> drained = new ConcurrentHashMap<>();
    private final Map<Gateways.Id, Instant> away = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Instant opened;

    @Inject
    GatewayDrains(Gateways gateways, MigrationCache migrations) {
        this(gateways, uid -> migrations.find(uid).filter(Move::holds).isPresent(), new SteadyClock());
    }

    /**
     * @param isHeld whether calls wait for a migration, by its uid: words about others come too late
     * @param clock one that is not set back, or moves would wait for as long as it was
     */
    GatewayDrains(Gateways gateways, Predicate<String> isHeld, InstantSource clock) {
        this.gateways = gateways;
        this.isHeld = isHeld;
        this.clock = clock;
    }

    void start(@Observes @Priority(1) StartupEvent event) {
        gateways.listen(new Words());
    }

    /** After the link has begun to listen. */
    void open(@Observes @Priority(LinkServer.OPEN + 1) StartupEvent event) {
        opened = clock.instant();
        wakeLater();
    }

    /** Since when agents and gateways can connect to this controller; now if they cannot yet. */
    public Instant openSince() {
        return Objects.requireNonNullElseGet(opened, clock::instant);
    }

    /** Calls back with a migration's uid when a gateway has said that it holds the calls. */
    public void onDrained(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** When nobody can come back any more, calls that are held need not wait for the reconciler's slow clock. */
    private void wakeLater() {
        CompletableFuture.delayedExecutor(COME_BACK.toMillis() + 1, TimeUnit.MILLISECONDS)
                .execute(() -> drained.keySet().forEach(hold -> listeners.forEach(l -> l.accept(hold))));
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
            wakeLater();
        }

        @Override
        public void drained(Gateway gateway, Drained word) {
            if (isHeld.test(word.getHold())) {
                drained.computeIfAbsent(word.getHold(), hold -> ConcurrentHashMap.newKeySet())
                        .add(gateway.id());
                listeners.forEach(listener -> listener.accept(word.getHold()));
            }
        }
    }
}
