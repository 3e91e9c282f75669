// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.mobility;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.Remembered;
import dev.carovana.model.Remembered.Next;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes moves that were held back when their time has come. Everything is in the instance's annotations. */
@ApplicationScoped
class HeldMoves {
    private static final Logger LOG = Logger.getLogger(HeldMoves.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final CarovanaConfig config;
    private final InstanceCache instances;
    private final Moves moves;
    private final Clock clock = Clock.systemUTC();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("held-moves").daemon().factory());

    HeldMoves(CarovanaConfig config, InstanceCache instances, Moves moves) {
        this.config = config;
        this.instances = instances;
        this.moves = moves;
    }

    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            instances.onChange((before, now) -> {
                if (now != null) {
                    changed(now);
                }
            });
            instances.all().forEach(this::changed);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void changed(FunctionInstance instance) {
        if (!(next(instance) instanceof Next.Nothing)) {
            lookIn(Duration.ZERO, instance);
        }
    }

    private Next next(FunctionInstance instance) {
        return Remembered.read(Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.of()))
                .next(instance.getSpec().site(), clock.instant());
    }

    private void lookIn(Duration wait, FunctionInstance instance) {
        timer.schedule(
                () -> instances
                        .find(
                                instance.getMetadata().getNamespace(),
                                instance.getMetadata().getName())
                        .map(instances::latest)
                        .ifPresent(this::look),
                wait.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void look(FunctionInstance instance) {
        switch (next(instance)) {
            case Next.Nothing() -> {}
            // a millisecond more: what is left of one is not waited for
            case Next.Wait(Duration left) -> lookIn(left.plusMillis(1), instance);
            case Next.Move(String site, Remembered after) -> write(instance, site, after);
            case Next.Drop(Remembered after) ->
                write(instance, instance.getSpec().site(), after);
        }
    }

    private void write(FunctionInstance instance, String site, Remembered after) {
        Map<String, @Nullable String> annotations = new HashMap<>(after.annotations());
        if (!site.equals(instance.getSpec().site())) {
            annotations.put(MobilityAnnotations.REASON, MigrationSpec.Reason.UserMobility.name());
        }
        try {
            moves.write(instance, site, annotations);
        } catch (KubernetesClientException e) {
            // 409: somebody has written it meanwhile, and the watch brings us here again
            if (e.getCode() != 404 && e.getCode() != 409) {
                LOG.warnf(
                        "held move of instance %s to site %s: %s",
                        instance.getMetadata().getName(), site, e.getMessage());
                lookIn(RETRY, instance);
            }
        }
    }
}
