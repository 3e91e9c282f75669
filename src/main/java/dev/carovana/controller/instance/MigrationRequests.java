// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.controller.MigrationCache;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MobilityAnnotations;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns an instance's wish ({@code spec.site}) into a {@link Migration}. */
@ApplicationScoped
public class MigrationRequests {
    /** On a Migration: generation of the instance whose wish it answers. Another wish does not wait for its back-off. */
    static final String GENERATION_ANNOTATION = Carovana.GROUP + "/instance-generation";

    /** On a Migration from its beginning, so that its reconciler does not have to write it first. */
    public static final String FINALIZER = "migrations." + Carovana.GROUP + "/finalizer";

    private static final Duration FIRST_RETRY = Duration.ofSeconds(30);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(10);
    private static final int KEPT = 10;

    private final KubernetesClient client;
    private final MigrationCache cache;

    MigrationRequests(KubernetesClient client, MigrationCache cache) {
        this.client = client;
        this.cache = cache;
    }

    /** The migrations of an instance as a watch shows them, oldest first. */
    List<Migration> seen(FunctionInstance instance) {
        return byAge(cache
                .of(
                        instance.getMetadata().getNamespace(),
                        instance.getMetadata().getName())
                .stream());
    }

    /** The migrations of an instance, oldest first. */
    public List<Migration> of(FunctionInstance instance) {
        return byAge(
                client
                        .resources(Migration.class)
                        .inNamespace(instance.getMetadata().getNamespace())
                        .list()
                        .getItems()
                        .stream()
                        .filter(m -> m.getSpec()
                                .instance()
                                .equals(instance.getMetadata().getName())));
    }

    static List<Migration> byAge(Stream<Migration> migrations) {
        return migrations
                .sorted(Comparator.comparingLong(MigrationRequests::epochOf))
                .toList();
    }

    /** The epoch that the next pod of the instance gets: one that no pod and no migration has had. */
    public static long nextEpoch(FunctionInstance instance, List<Migration> migrations) {
        long used = Objects.requireNonNullElse(InstanceStatuses.of(instance).epoch(), 0L);
        for (Migration migration : migrations) {
            used = Math.max(used, epochOf(migration));
        }
        return used + 1;
    }

    /** Whether the migration was made for the wish that the instance has now. */
    public static boolean answers(Migration migration, FunctionInstance instance) {
        String generation = annotation(migration.getMetadata().getAnnotations(), GENERATION_ANNOTATION);
        return Long.toString(instance.getMetadata().getGeneration()).equals(generation);
    }

    /** Of an instance's migrations those that have failed to fulfil the wish that it has now. */
    static List<Migration> failed(FunctionInstance instance, List<Migration> migrations) {
        return migrations.stream()
                .filter(m -> m.getStatus() != null && m.getStatus().phase() == MigrationPhase.RolledBack)
                .filter(m -> answers(m, instance))
                .toList();
    }

    /** How long to wait before the same wish is tried again; zero if it can be tried now. */
    static Duration backOff(FunctionInstance instance, List<Migration> migrations, Instant now) {
        List<Migration> failed = failed(instance, migrations);
        if (failed.isEmpty()) {
            return Duration.ZERO;
        }
        Instant last = Instant.parse(
                Objects.requireNonNull(failed.getLast().getStatus().transitions())
                        .getLast()
                        .at());
        Duration left = Duration.between(now, last.plus(pause(failed.size())));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** How long to wait after so many failures. */
    public static Duration pause(int failures) {
        Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 8));
        return pause.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : pause;
    }

    static boolean isWantedElsewhere(FunctionInstance instance) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        return status.phase() == Phase.Running
                && status.migration() == null
                && status.copy() == null
                && !instance.isMarkedForDeletion()
                && !instance.getSpec().site().equals(status.site());
    }

    /**
     * Asks for the move that the instance wishes, if none is under way or was tried just now. The cache's word is enough: a
     * user waits, and only a move that cannot be needs a closer look. A wish that is over by now is found out by the
     * migration, and one that the cache does not have yet has the name that is tried now.
     */
    boolean hasAsked(FunctionInstance instance, Instant now) {
        if (!isWantedElsewhere(instance)) {
            return false;
        }
        List<Migration> before = seen(instance);
        if (before.stream().anyMatch(MigrationRequests::isActive)
                || !backOff(instance, before, now).isZero()) {
            return false;
        }
        create(instance, nextEpoch(instance, before));
        prune(before);
        return true;
    }

    /** Whether the migration that holds the instance does not exist any more. */
    boolean lockIsStale(FunctionInstance instance) {
        String migration = InstanceStatuses.of(instance).migration();
        return migration != null
                && seen(instance).stream()
                        .noneMatch(m -> m.getMetadata().getName().equals(migration))
                && client.resources(Migration.class)
                                .inNamespace(instance.getMetadata().getNamespace())
                                .withName(migration)
                                .get()
                        == null;
    }

    /** A request that was made before meets AlreadyExists. */
    private void create(FunctionInstance instance, long epoch) {
        Migration migration = new Migration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withName(InstancePods.name(instance, epoch))
                .withNamespace(instance.getMetadata().getNamespace())
                .addToLabels(Carovana.INSTANCE_LABEL, instance.getMetadata().getName())
                .addToFinalizers(FINALIZER)
                .addToAnnotations(
                        GENERATION_ANNOTATION,
                        Long.toString(instance.getMetadata().getGeneration()))
                .build());
        migration.addOwnerReference(instance);
        Map<String, String> told = instance.getMetadata().getAnnotations();
        MigrationSpec.Reason reason = reason(annotation(told, MobilityAnnotations.REASON));
        migration.setSpec(new MigrationSpec(
                instance.getMetadata().getName(),
                instance.getSpec().site(),
                reason,
                reason == MigrationSpec.Reason.UserMobility ? annotation(told, MobilityAnnotations.LAST_EVENT) : null,
                null));
        try {
            client.resource(migration).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw e;
            }
        }
    }

    /**
     * Where an instance should be, if its wish was another when the migration was asked for. One that somebody made by
     * hand is a wish itself.
     */
    public static Optional<String> changedWish(Migration migration, FunctionInstance instance) {
        String wanted = instance.getSpec().site();
        return !isByHand(migration) && !wanted.equals(migration.getSpec().to())
                ? Optional.of(wanted)
                : Optional.empty();
    }

    /** Whether it answers no wish of its instance. */
    public static boolean isByHand(Migration migration) {
        return annotation(migration.getMetadata().getAnnotations(), GENERATION_ANNOTATION) == null;
    }

    /** Removes the oldest finished migrations of an instance. */
    private void prune(List<Migration> migrations) {
        List<Migration> finished = migrations.stream().filter(m -> !isActive(m)).toList();
        finished.stream().limit(Math.max(0, finished.size() - KEPT)).forEach(m -> client.resource(m)
                .delete());
    }

    public static boolean isActive(Migration migration) {
        return migration.getStatus() == null
                || migration.getStatus().phase() == null
                || !migration.getStatus().phase().isFinal();
    }

    /** Who writes spec.site by hand says no reason. */
    private static MigrationSpec.Reason reason(@Nullable String told) {
        return Arrays.stream(MigrationSpec.Reason.values())
                .filter(reason -> reason.name().equals(told))
                .findFirst()
                .orElse(MigrationSpec.Reason.Manual);
    }

    private static @Nullable String annotation(@Nullable Map<String, String> annotations, String key) {
        return annotations == null ? null : annotations.get(key);
    }

    private static long epochOf(Migration migration) {
        return InstancePods.epochOf(migration.getMetadata().getName());
    }
}
