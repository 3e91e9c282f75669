// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityDecision.KnownSite;
import dev.carovana.model.MobilityDecision.Move;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.Reason;
import dev.carovana.rest.Store;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Acts upon mobility events: writes where the user's instances should be. */
@ApplicationScoped
class Mobility {
    private static final int TRIES = 5;

    private final Store store;
    private final Moves moves;
    private final SeenEvents seen;

    Mobility(Store store, Moves moves, SeenEvents seen) {
        this.store = store;
        this.moves = moves;
        this.seen = seen;
    }

    /** When this returns, what was accepted is durable. */
    EventsAnswer handle(MobilityEvent event) {
        if (!seen.claim(event.key())) {
            return answer(event, List.of(), List.of(MobilityDecision.duplicate(event)));
        }
        boolean done = false;
        try {
            EventsAnswer answer = act(event);
            done = !answer.accepted().isEmpty();
            return answer;
        } finally {
            if (!done) {
                seen.forget(event.key()); // the sender may try again, for example when the site is known
            }
        }
    }

    private EventsAnswer act(MobilityEvent event) {
        Map<String, Move> written = new LinkedHashMap<>();
        for (int attempt = 1; ; attempt++) {
            Map<String, FunctionInstance> instances = store.instances(null).stream()
                    .filter(i -> i.getSpec().user().equals(event.user()))
                    .filter(i -> !written.containsKey(key(i)))
                    .collect(Collectors.toMap(Mobility::key, i -> i));
            if (instances.isEmpty() && !written.isEmpty()) {
                return answer(event, written.values(), List.of());
            }
            MobilityDecision decision = MobilityDecision.decide(
                    event,
                    Instant.now(),
                    instances.values().stream().map(Mobility::known).toList(),
                    store.sites().stream().map(Mobility::known).toList());
            try {
                for (Move move : decision.moves()) {
                    String key =
                            move.instance().namespace() + "/" + move.instance().name();
                    moves.write(Objects.requireNonNull(instances.get(key)), move.site(), memory(event));
                    written.put(key, move);
                }
                return answer(event, written.values(), decision.refusals());
            } catch (KubernetesClientException e) {
                // somebody wrote an instance meanwhile, or deleted it: look again
                if ((e.getCode() != 409 && e.getCode() != 404) || attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    private static Map<String, String> memory(MobilityEvent event) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(MobilityAnnotations.LAST_EVENT, event.key());
        annotations.put(MobilityAnnotations.LAST_SEQUENCE, Objects.requireNonNullElse(event.sequence(), ""));
        annotations.put(MobilityAnnotations.REASON, MigrationSpec.Reason.UserMobility.name());
        return annotations;
    }

    private static String key(FunctionInstance instance) {
        return instance.getMetadata().getNamespace() + "/"
                + instance.getMetadata().getName();
    }

    private static KnownInstance known(FunctionInstance instance) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.of());
        String sequence = annotations.getOrDefault(MobilityAnnotations.LAST_SEQUENCE, "");
        return new KnownInstance(
                instance.getMetadata().getNamespace(),
                instance.getMetadata().getName(),
                annotations.get(MobilityAnnotations.LAST_EVENT),
                sequence.isEmpty() ? null : sequence);
    }

    private static KnownSite known(Site site) {
        return new KnownSite(
                site.getMetadata().getName(),
                Objects.requireNonNullElse(site.getSpec().zones(), List.of()),
                Boolean.TRUE.equals(site.getSpec().cordoned()));
    }

    private static EventsAnswer answer(MobilityEvent event, Collection<Move> moves, List<Reason> refusals) {
        return new EventsAnswer(
                moves.stream()
                        .map(m -> new EventsAnswer.Accepted(
                                event.id(),
                                m.instance().namespace(),
                                m.instance().name(),
                                m.site()))
                        .toList(),
                refusals.stream()
                        .map(r -> new EventsAnswer.Refused(event.id(), r.code(), r.message()))
                        .toList());
    }
}
