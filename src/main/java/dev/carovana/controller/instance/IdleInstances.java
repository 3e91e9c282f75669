// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.controller.Events;
import dev.carovana.controller.function.Function;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.IdleTime;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Removes instances that nobody calls, with their state. */
@ApplicationScoped
class IdleInstances {
    /** Gateways hear within that time that no more calls go to the pod. */
    private static final Duration TOLD = Duration.ofSeconds(2);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final InstanceStatuses statuses;
    private final KnownCalls calls;
    private final Events events;
    private final Clock clock = Clock.systemUTC();

    IdleInstances(KubernetesClient client, InstanceStatuses statuses, KnownCalls calls, Events events) {
        this.client = client;
        this.statuses = statuses;
        this.calls = calls;
        this.events = events;
    }

    /** What is left of an instance's time; empty if it may be without calls for ever, or nobody counts them. */
    Optional<Duration> left(FunctionInstance instance, Function function) {
        Duration timeout = function.contract().idleTimeout();
        if (timeout == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Instant known = calls.last(
                        instance.getMetadata().getNamespace(),
                        instance.getMetadata().getName())
                .filter(call -> call.isAfter(heardSince(instance)))
                .orElseGet(() -> heardSince(instance));
        return IdleTime.left(lastCall(instance), timeout, now).map(written -> {
            Duration heard = Duration.between(now, known.plus(timeout));
            return heard.compareTo(written) > 0 ? heard : written;
        });
    }

    /** Whether its time is over. */
    boolean isOver(FunctionInstance instance, Function function) {
        return left(instance, function).filter(left -> !left.isPositive()).isPresent();
    }

    private Instant heardSince(FunctionInstance instance) {
        return calls.heardSince(Objects.requireNonNullElse(
                InstanceStatuses.of(instance).site(), instance.getSpec().site()));
    }

    /**
     * Removes an instance with a pod of its own if its time is over: calls wait first, and every gateway of its site says
     * whether there were any. One that waits keeps the instance, with its state.
     *
     * @return when to look again; empty if the instance stays
     */
    Optional<Duration> end(FunctionInstance instance, Function function) {
        if (!isOver(instance, function)) {
            return Optional.empty();
        }
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        Optional<Instant> ending = InstanceChanges.endingSince(status);
        if (ending.isEmpty()) {
            statuses.update(instance, s -> InstanceChanges.ending(s, clock.instant()));
            return Optional.of(TOLD);
        }
        Instant told = ending.get().plus(TOLD);
        if (clock.instant().isBefore(told) || !calls.allHaveReported(Objects.requireNonNull(status.site()), told)) {
            return Optional.of(LOOK);
        }
        remove(instance, function);
        return Optional.of(LOOK);
    }

    void remove(FunctionInstance instance, Function function) {
        Duration timeout = Objects.requireNonNull(function.contract().idleTimeout());
        events.tell(
                instance,
                new Reason(
                        "Idle",
                        "no call since " + lastCall(instance) + ", annotation " + FunctionContract.IDLE_TIMEOUT
                                + " of the function allows " + timeout.toSeconds() + " s: removed"));
        // unless somebody has written it just now
        client.resource(instance).lockResourceVersion().delete();
    }

    private static @Nullable String lastCall(FunctionInstance instance) {
        return Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.<String, String>of())
                .get(IdleTime.LAST_CALL);
    }
}
