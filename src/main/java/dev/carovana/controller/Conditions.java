// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A set of conditions by the Kubernetes convention. */
public final class Conditions {
    private Conditions() {}

    /** The set with one condition changed; its transition time stays while its status does. */
    public static List<Condition> with(
            @Nullable List<Condition> old,
            String type,
            boolean value,
            String reason,
            String message,
            @Nullable Long generation,
            Instant now) {
        String status = value ? "True" : "False";
        List<Condition> result = new ArrayList<>();
        Condition before = find(old, type);
        for (Condition condition : Objects.requireNonNullElse(old, List.<Condition>of())) {
            if (!condition.getType().equals(type)) {
                result.add(condition);
            }
        }
        String since = before != null && before.getStatus().equals(status)
                ? before.getLastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
        result.add(new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build());
        return result;
    }

    /** The set without a condition that says nothing any more. */
    public static List<Condition> without(List<Condition> old, String type) {
        return old.stream()
                .filter(condition -> !condition.getType().equals(type))
                .toList();
    }

    public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
        Condition found = find(conditions, type);
        return found != null && found.getStatus().equals("True");
    }

    public static @Nullable Condition find(@Nullable List<Condition> conditions, String type) {
        return Objects.requireNonNullElse(conditions, List.<Condition>of()).stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElse(null);
    }
}
