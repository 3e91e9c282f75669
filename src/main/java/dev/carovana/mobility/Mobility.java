// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision;
import dev.carovana.model.MobilityDecision.Act;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.Reason;
import dev.carovana.rest.Moves;
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
import org.jspecify.annotations.Nullable;

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
        if (!seen.claim(event.origin().key())) {
            return answer(event, List.of(), List.of(MobilityDecision.duplicate(event.origin())));
        }
        boolean done = false;
        try {
            EventsAnswer answer = act(event);
            done = !answer.accepted().isEmpty();
            return answer;
        } finally {
            if (!done) {
                seen.forget(event.origin().key()); // the sender may try again, for example when the site is known
            }
        }
    }

    private EventsAnswer act(MobilityEvent event) {
        Map<String, Act> written = new LinkedHashMap<>();
        for (int attempt = 1; ; attempt++) {
            Map<String, FunctionInstance> instances = store.instances(null).stream()
                    .filter(i -> Facts.isAbout(event, i))
                    .filter(i -> !written.containsKey(key(i)))
                    .collect(Collectors.toMap(Mobility::key, i -> i));
            if (instances.isEmpty() && !written.isEmpty()) {
                return answer(event, written.values(), List.of());
            }
            MobilityDecision decision = MobilityDecision.decide(
                    event,
                    Instant.now(),
                    instances.values().stream().map(Facts::known).toList(),
                    store.sites().stream().map(Facts::known).toList());
            try {
                for (Act act : decision.acts()) {
                    String key = key(act.instance());
                    perform(act, Objects.requireNonNull(instances.get(key)), event);
                    written.put(key, act);
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

    private void perform(Act act, FunctionInstance instance, MobilityEvent event) {
        switch (act.action()) {
            case Moving -> moves.write(instance, Objects.requireNonNull(act.site()), memory(event));
            case NothingToDo -> {}
        }
    }

    private static Map<String, String> memory(MobilityEvent event) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(MobilityAnnotations.LAST_EVENT, event.origin().key());
        annotations.put(MobilityAnnotations.LAST_SEQUENCE, text(event.origin().sequence()));
        annotations.put(MobilityAnnotations.LAST_TIME, text(event.origin().time()));
        annotations.put(MobilityAnnotations.REASON, MigrationSpec.Reason.UserMobility.name());
        return annotations;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static String key(FunctionInstance instance) {
        return instance.getMetadata().getNamespace() + "/"
                + instance.getMetadata().getName();
    }

    private static String key(KnownInstance instance) {
        return instance.namespace() + "/" + instance.name();
    }

    private static EventsAnswer answer(MobilityEvent event, Collection<Act> acts, List<Reason> refusals) {
        String id = event.origin().id();
        return new EventsAnswer(
                acts.stream()
                        .map(a -> new EventsAnswer.Accepted(
                                id, a.instance().namespace(), a.instance().name(), a.action(), a.site()))
                        .toList(),
                refusals.stream()
                        .map(r -> new EventsAnswer.Refused(id, r.code(), r.message()))
                        .toList());
    }
}
