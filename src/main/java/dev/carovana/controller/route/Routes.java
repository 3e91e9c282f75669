// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.MigrationCache;
import dev.carovana.controller.Move;
import dev.carovana.controller.PodCache;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.link.Agents;
import dev.carovana.link.Gateways;
import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.PodAddresses;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells gateways where calls go, and when they wait. Whatever happens, the route of the instance that it concerns is
 * computed anew from all that is known then, by one thread: nothing depends on the order in which things are heard.
 */
@ApplicationScoped
public class Routes {
    private static final Logger LOG = Logger.getLogger(Routes.class);

    private final CarovanaConfig config;
    private final InstanceCache instances;
    private final MigrationCache migrations;
    private final PodCache pods;
    private final FunctionFollower functions;
    private final Agents agents;
    private final PodAddresses addresses;
    private final Gateways gateways;
    private final RouteBook book;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("routes").daemon().factory());
    /** Gateways that came before all routes were known; null from then on. */
    private @Nullable Set<Gateway> early = new LinkedHashSet<>();

    Routes(
            CarovanaConfig config,
            InstanceCache instances,
            MigrationCache migrations,
            PodCache pods,
            FunctionFollower functions,
            Agents agents,
            PodAddresses addresses,
            Gateways gateways) {
        this.config = config;
        this.instances = instances;
        this.migrations = migrations;
        this.pods = pods;
        this.functions = functions;
        this.agents = agents;
        this.addresses = addresses;
        this.gateways = gateways;
        this.book = new RouteBook(gateways);
    }

    /** After the caches are filled, and before anybody changes or says something. */
    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.role() != Role.CONTROLLER) {
            return;
        }
        instances.onChange((was, now) -> Stream.of(was, now)
                .filter(Objects::nonNull)
                .limit(1)
                .forEach(i ->
                        changed(i.getMetadata().getNamespace(), i.getMetadata().getName())));
        migrations.onChange((before, now) -> {
            Migration either = Objects.requireNonNullElse(now, before);
            changed(either.getMetadata().getNamespace(), either.getSpec().instance());
        });
        agents.onReport(uid -> migrations.find(uid).ifPresent(m -> changed(m.namespace(), m.instance())));
        addresses.onChange(pod -> changed(pod.getNamespace(), pod.getInstance()));
        gateways.listen(new Connections());
        functions.follow((namespace, name) -> run(() -> function(namespace, name)), () -> run(this::complete));
    }

    void stop(@Observes ShutdownEvent event) {
        thread.shutdownNow();
    }

    /** The reconciler has written a migration: whoever has to hold calls hears of it now. */
    public void wrote(Migration migration) {
        Move move = migrations.wrote(migration);
        changed(move.namespace(), move.instance());
    }

    private void changed(String namespace, String instance) {
        run(() -> instance(namespace, instance));
    }

    private void run(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.error("routes could not be told", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the controller ends");
        }
    }

    // from here on: the one thread

    private void instance(String namespace, String name) {
        Optional<FunctionInstance> found = instances
                .find(namespace, name)
                .filter(i -> functions.table().has(namespace, i.getSpec().function()));
        if (found.isEmpty()) {
            book.instanceGone(namespace, name);
            return;
        }
        book.instance(
                found.get().getMetadata().getUid(),
                functions.reachable(InstanceRoutes.of(
                        found.get(),
                        migrations.last(namespace, name),
                        move -> Word.of(agents, move.uid()),
                        this::address,
                        told(found.get()))));
    }

    private @Nullable String told(FunctionInstance instance) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        return addresses.at(status.site(), instance.getMetadata().getNamespace(), status.podName());
    }

    /** Of a destination pod, as the gateways of its site call it. */
    private String address(Move move) {
        if (move.destinationPod() == null) {
            return "";
        }
        String told = addresses.at(move.to(), move.namespace(), move.destinationPod());
        return told == null ? pods.address(move.namespace(), move.destinationPod()) : told;
    }

    /** Another function may have the name now: its instances count, and no others. */
    private void function(String namespace, String name) {
        functions
                .table()
                .find(namespace, name)
                .ifPresentOrElse(entry -> book.function(entry.route()), () -> book.functionGone(namespace, name));
        instances
                .ofFunction(namespace, name)
                .forEach(i -> instance(namespace, i.getMetadata().getName()));
    }

    private void complete() {
        instances
                .all()
                .forEach(i ->
                        instance(i.getMetadata().getNamespace(), i.getMetadata().getName()));
        Set<Gateway> waiting = Objects.requireNonNullElse(early, Set.of());
        early = null;
        waiting.forEach(book::tellAll);
    }

    private void connected(Gateway gateway) {
        if (early != null) {
            early.add(gateway);
            return;
        }
        book.peers();
        book.tellAll(gateway);
    }

    private void gone(Gateway gateway) {
        if (early != null) {
            early.remove(gateway);
        }
        book.gone(gateway);
        book.peers();
    }

    private final class Connections implements Gateways.Listener {
        @Override
        public void connected(Gateway gateway) {
            run(() -> Routes.this.connected(gateway));
        }

        @Override
        public void gone(Gateway gateway) {
            run(() -> Routes.this.gone(gateway));
        }
    }
}
