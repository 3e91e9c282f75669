// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.kubernetes.Informers;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Follows the functions of every kind that the hub serves. Knative and OpenFaaS are optional, and may be installed
 * while the controller runs: their informers begin when their CustomResourceDefinition is there. That is why these are
 * no reconcilers, which all begin at once and need their kinds to be there.
 */
@ApplicationScoped
public class FunctionWatch {
    private static final Logger LOG = Logger.getLogger(FunctionWatch.class);

    /** Observers that say nothing about it come at 2500. */
    private static final int AFTER_RECONCILERS = 3000;

    /** A check that failed is made again. */
    private static final Duration RESYNC = Duration.ofMinutes(5);

    private final CarovanaConfig config;
    private final KubernetesClient client;
    private final Functions functions;
    private final FunctionChecks checks;
    private final List<BiConsumer<String, FunctionRef>> listeners = new CopyOnWriteArrayList<>();
    private final List<SharedIndexInformer<CustomResourceDefinition>> kinds = new CopyOnWriteArrayList<>();
    private final Map<FunctionSource<?>, SharedIndexInformer<?>> informers = new ConcurrentHashMap<>();

    FunctionWatch(CarovanaConfig config, KubernetesClient client, Functions functions, FunctionChecks checks) {
        this.config = config;
        this.client = client;
        this.functions = functions;
        this.checks = checks;
    }

    /** The listener is called with namespace and reference whenever a function has changed; it must not block. */
    public void onChange(BiConsumer<String, FunctionRef> listener) {
        listeners.add(listener);
    }

    /** As {@link Functions#find}, of an object as it was seen last: a listener is called when that has changed. */
    public Result find(String namespace, FunctionRef function) {
        return functions
                .source(function)
                .flatMap(source -> seen(source, namespace, function))
                .orElseGet(() -> functions.find(namespace, function));
    }

    @SuppressWarnings("unchecked") // a source's informer is of its type
    private <T extends HasMetadata> Optional<Result> seen(
            FunctionSource<T> source, String namespace, FunctionRef function) {
        return Optional.ofNullable((SharedIndexInformer<T>) informers.get(source))
                .map(informer -> informer.getStore().getByKey(Cache.namespaceKeyFunc(namespace, function.name())))
                .filter(source::isFunction)
                .map(object -> functions.read(source, object, function));
    }

    /** After the reconcilers, which are to hear of every function. */
    void start(@Observes @Priority(AFTER_RECONCILERS) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            functions.sources().forEach(this::follow);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        kinds.forEach(SharedIndexInformer::stop);
        informers.values().forEach(SharedIndexInformer::stop);
    }

    private void follow(FunctionSource<?> source) {
        if (source.optional()) {
            SharedIndexInformer<CustomResourceDefinition> kind = client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(HasMetadata.getFullResourceName(source.type()))
                    .runnableInformer(0)
                    .addEventHandler(new Definition(source));
            kinds.add(kind);
            Informers.start(kind);
        } else {
            begin(source);
        }
    }

    private <T extends HasMetadata> void begin(FunctionSource<T> source) {
        informers.computeIfAbsent(source, s -> {
            SharedIndexInformer<T> informer = Functions.selected(
                            source, client.resources(source.type()).inAnyNamespace())
                    .runnableInformer(RESYNC.toMillis());
            informer.addEventHandler(new Changes<>(source));
            Informers.start(informer);
            return informer;
        });
    }

    private void end(FunctionSource<?> source) {
        SharedIndexInformer<?> informer = informers.remove(source);
        if (informer != null) {
            informer.stop();
        }
    }

    /** A kind comes and goes with its definition. */
    private final class Definition implements ResourceEventHandler<CustomResourceDefinition> {
        private final FunctionSource<?> source;

        Definition(FunctionSource<?> source) {
            this.source = source;
        }

        @Override
        public void onAdd(CustomResourceDefinition definition) {
            var status = definition.getStatus();
            if (status != null
                    && status.getConditions() != null
                    && status.getConditions().stream()
                            .anyMatch(c -> c.getType().equals("Established")
                                    && c.getStatus().equals("True"))) {
                begin(source);
            }
        }

        @Override
        public void onUpdate(CustomResourceDefinition before, CustomResourceDefinition definition) {
            onAdd(definition);
        }

        @Override
        public void onDelete(CustomResourceDefinition definition, boolean unknown) {
            end(source);
        }
    }

    /** Functions of one kind. */
    private final class Changes<T extends HasMetadata> implements ResourceEventHandler<T> {
        private final FunctionSource<T> source;

        Changes(FunctionSource<T> source) {
            this.source = source;
        }

        @Override
        public void onAdd(T function) {
            check(function);
            tell(function);
        }

        @Override
        public void onUpdate(T before, T function) {
            check(function);
            if (!source.contract(before).equals(source.contract(function))
                    || !source.templateVersion(before).equals(source.templateVersion(function))) {
                tell(function);
            }
        }

        @Override
        public void onDelete(T function, boolean unknown) {
            tell(function);
        }

        private void check(T function) {
            if (!source.isFunction(function)) {
                return;
            }
            try {
                checks.check(function, source.contract(function));
            } catch (KubernetesClientException e) {
                LOG.warnf(
                        "%s %s/%s: what its label and annotations are worth could not be written on it: %s",
                        function.getKind(),
                        function.getMetadata().getNamespace(),
                        function.getMetadata().getName(),
                        e.getMessage());
            }
        }

        private void tell(T function) {
            FunctionRef reference =
                    Functions.reference(source.type(), function.getMetadata().getName());
            listeners.forEach(l -> l.accept(function.getMetadata().getNamespace(), reference));
        }
    }
}
