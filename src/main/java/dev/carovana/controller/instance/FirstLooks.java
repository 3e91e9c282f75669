// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.controller.PodCache;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * When instances are looked at after a start. All of them at once would keep users who move just then waiting, a minute with
 * 10 000: those that seem to be as they should be take turns. Thread-safe.
 */
@ApplicationScoped
class FirstLooks {
    /** Half of what an API server of two processors can answer is left to others. */
    static final Duration PAUSE = Duration.ofMillis(10);

    private final BiFunction<String, String, @Nullable Pod> pods;
    private final InstantSource clock;
    private final Map<ResourceID, Instant> turns = new ConcurrentHashMap<>();

    @Inject
    FirstLooks(PodCache pods) {
        this(pods::watched, InstantSource.system());
    }

    /** @param pods as they were seen last, by namespace and name */
    FirstLooks(BiFunction<String, String, @Nullable Pod> pods, InstantSource clock) {
        this.pods = pods;
        this.clock = clock;
    }

    /** Those that are there at the start. */
    void begin(List<FunctionInstance> instances) {
        Instant turn = clock.instant();
        for (FunctionInstance instance : instances) {
            turn = turn.plus(PAUSE);
            turns.put(ResourceID.fromResource(instance), turn);
        }
    }

    /** How long an instance can still wait; empty for one that is to be looked at now. */
    Optional<Duration> left(FunctionInstance instance) {
        ResourceID id = ResourceID.fromResource(instance);
        Instant turn = turns.get(id);
        if (turn == null) {
            return Optional.empty();
        }
        Duration left = Duration.between(clock.instant(), turn);
        if (left.isPositive() && seemsRight(instance)) {
            return Optional.of(left);
        }
        turns.remove(id);
        return Optional.empty();
    }

    /** Something has happened to an instance: it does not wait any longer. */
    void end(ResourceID instance) {
        turns.remove(instance);
    }

    private boolean seemsRight(FunctionInstance instance) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        if (status.phase() != Phase.Running
                || status.podName() == null
                || status.migration() != null
                || instance.isMarkedForDeletion()
                || !instance.getSpec().site().equals(status.site())
                || !instance.getMetadata().getGeneration().equals(status.observedGeneration())) {
            return false;
        }
        Pod pod = pods.apply(instance.getMetadata().getNamespace(), status.podName());
        return pod != null
                && pod.getMetadata().getUid().equals(status.podUid())
                && pod.getStatus() == null; // kept of those only that have trouble
    }
}
