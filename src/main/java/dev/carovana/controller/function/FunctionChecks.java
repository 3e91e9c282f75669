// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.controller.Events;
import dev.carovana.model.FunctionContract.Result;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Tells a function's developer, on the object itself, whether its label and annotations are right: a condition, and an
 * Event for each that is wrong. Nothing else of the object changes.
 */
@ApplicationScoped
class FunctionChecks {
    /** The condition; qualified, because the object is not ours. */
    static final String ACCEPTED = "carovana.dev/Accepted";

    private final KubernetesClient client;
    private final Events events;
    private final Clock clock = Clock.systemUTC();

    FunctionChecks(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    void check(HasMetadata function, Result contract) {
        switch (contract) {
            case Result.Valid valid -> write(function, "True", "Valid", "");
            case Result.Invalid(var reasons) -> {
                reasons.forEach(reason -> events.warn(function, reason));
                write(
                        function,
                        "False",
                        "FunctionContract",
                        reasons.stream().map(Reason::message).collect(Collectors.joining("; ")));
            }
        }
    }

    /** The object's own controller writes its status too: read, change one condition, write if nobody did meanwhile. */
    private void write(HasMetadata function, String status, String reason, String message) {
        Resource<GenericKubernetesResource> where = client.genericKubernetesResources(
                        ResourceDefinitionContext.fromResourceType(function.getClass()))
                .inNamespace(function.getMetadata().getNamespace())
                .withName(function.getMetadata().getName());
        while (true) {
            GenericKubernetesResource found = where.get();
            if (found == null || !set(found, status, reason, message)) {
                return;
            }
            try {
                client.resource(found).lockResourceVersion().updateStatus();
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    /** False if the object says so already. */
    @SuppressWarnings("unchecked") // JSON objects and arrays
    private boolean set(GenericKubernetesResource object, String status, String reason, String message) {
        Map<String, Object> whole = (Map<String, Object>)
                object.getAdditionalProperties().computeIfAbsent("status", key -> new LinkedHashMap<>());
        List<Map<String, Object>> conditions =
                new ArrayList<>((List<Map<String, Object>>) whole.getOrDefault("conditions", List.of()));
        String since = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        for (Map<String, Object> old : conditions) {
            if (ACCEPTED.equals(old.get("type")) && status.equals(old.get("status"))) {
                if (message.equals(Objects.requireNonNullElse(old.get("message"), ""))) {
                    return false;
                }
                since = String.valueOf(old.get("lastTransitionTime"));
            }
        }
        conditions.removeIf(c -> ACCEPTED.equals(c.get("type")));
        conditions.add(Map.of(
                "type", ACCEPTED,
                "status", status,
                "reason", reason,
                "message", message,
                "lastTransitionTime", since));
        whole.put("conditions", conditions);
        return true;
    }
}
