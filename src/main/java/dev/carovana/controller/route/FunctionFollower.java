// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.Events;
import dev.carovana.controller.SiteCache;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.FunctionWatch;
import dev.carovana.controller.function.Functions;
import dev.carovana.controller.function.Functions.Labelled;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/** Looks at each function that has changed, and keeps the table of those that users can call. */
@ApplicationScoped
class FunctionFollower {
    private static final Logger LOG = Logger.getLogger(FunctionFollower.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final FunctionWatch watch;
    private final Functions functions;
    private final SiteCache sites;
    private final Events events;
    private final FunctionTable table = new FunctionTable();
    /** Reads at the API server: nobody else waits for it. */
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("function-routes").daemon().factory());

    FunctionFollower(FunctionWatch watch, Functions functions, SiteCache sites, Events events) {
        this.watch = watch;
        this.functions = functions;
        this.sites = sites;
        this.events = events;
    }

    FunctionTable table() {
        return table;
    }

    /**
     * @param changed is called with namespace and name after the table has changed
     * @param complete is called when the table has all functions that there were at the beginning
     */
    void follow(BiConsumer<String, String> changed, Runnable complete) {
        watch.onChange((namespace, reference) -> run(() -> tryToLook(namespace, reference, changed)));
        run(() -> {
            functions.list(null).forEach(f -> tryToLook(f.namespace(), f.reference(), changed));
            complete.run();
        });
    }

    void stop(@Observes ShutdownEvent event) {
        worker.shutdownNow();
    }

    /** Until it succeeds. */
    private void run(Runnable task) {
        try {
            worker.execute(() -> tryTo(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("the controller ends");
        }
    }

    private void tryTo(Runnable task) {
        try {
            task.run();
        } catch (KubernetesClientException e) {
            LOG.warnf("functions cannot be read, tried again: %s", e.getMessage());
            worker.schedule(() -> tryTo(task), RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** One function that is odd in a new way must not keep the others from gateways. */
    private void tryToLook(String namespace, FunctionRef reference, BiConsumer<String, String> changed) {
        try {
            look(namespace, reference, changed);
        } catch (KubernetesClientException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s %s/%s is not told to gateways", reference.kind(), namespace, reference.name());
        }
    }

    /** Copies behind an ingress of the hub are known by name in the hub only: its gateways call them. */
    InstanceRoute reachable(InstanceRoute route) {
        boolean behindIngress = table.find(route.getNamespace(), route.getFunction())
                .map(entry -> entry.route().getCalledByName())
                .orElse(false);
        if (!behindIngress) {
            return route;
        }
        return sites.all().stream()
                .filter(site -> site.getSpec().local() != null)
                .findFirst()
                .map(hub ->
                        route.toBuilder().setSite(hub.getMetadata().getName()).build())
                .orElse(route);
    }

    private void look(String namespace, FunctionRef reference, BiConsumer<String, String> changed) {
        Optional<Labelled> object = functions.labelled(namespace, reference);
        if (object.isEmpty()) {
            table.remove(namespace, reference);
        } else if (object.get().contract() instanceof FunctionContract.Result.Valid(var contract)
                && functions.find(namespace, reference) instanceof Result.Found(var function)) {
            table.put(
                    namespace,
                    new FunctionTable.Entry(
                            reference,
                            function.owner().getUid(),
                            object.get().created(),
                            contract,
                            FunctionRoutes.of(namespace, reference.name(), function, functions.copyPort(reference))));
            tellOfClash(namespace, reference.name());
        } // else those who call it now go on as before: what is wrong is told at the function
        changed.accept(namespace, reference.name());
    }

    /** On the object that cannot be called: its developer may not know of the other one. */
    private void tellOfClash(String namespace, String name) {
        String older = table.find(namespace, name).orElseThrow().reference().kind();
        for (FunctionTable.Entry function : table.younger(namespace, name)) {
            GenericKubernetesResource object = new GenericKubernetesResource();
            object.setApiVersion(function.reference().apiVersion());
            object.setKind(function.reference().kind());
            object.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(namespace)
                    .withName(name)
                    .withUid(function.uid())
                    .build());
            events.warn(
                    object,
                    new Reason(
                            "NameTaken",
                            "calls by the name " + name + " go to the older " + older + " in " + namespace
                                    + " and not to this " + object.getKind() + ", expected a name of its own"));
        }
    }
}
