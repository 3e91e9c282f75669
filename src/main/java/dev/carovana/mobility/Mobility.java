// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.instance.Moves;
import dev.carovana.mobility.Candidates.Candidate;
import dev.carovana.model.LastEvent;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision;
import dev.carovana.model.MobilityDecision.Act;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.Reason;
import dev.carovana.model.Remembered;
import dev.carovana.rest.Aborts;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Acts upon mobility events: writes where the user's instances should be. */
@ApplicationScoped
class Mobility {
    private static final int TRIES = 5;

    private final Candidates candidates;
    private final EarlyEvents early;
    private final Moves moves;
    private final Aborts aborts;
    private final SeenEvents seen;
    private final Sightings sightings;
    private final Duration hysteresis;

    Mobility(
            Candidates candidates,
            InstanceCache instances,
            EarlyEvents early,
            Moves moves,
            Aborts aborts,
            SeenEvents seen,
            Sightings sightings,
            ControllerConfig config) {
        this.candidates = candidates;
        this.early = early;
        this.moves = moves;
        this.aborts = aborts;
        this.seen = seen;
        this.sightings = sightings;
        this.hysteresis = config.mobility().hysteresis();
        instances.onChange(this::catchUp);
    }

    /** When this returns, what was accepted is durable. */
    EventsAnswer handle(MobilityEvent event) {
        if (!seen.claim(event.origin().key())) {
            return answer(event, List.of(), List.of(LastEvent.duplicate(event.origin())));
        }
        boolean done = false;
        try {
            EventsAnswer answer = act(event);
            if (answer.result().equals("NoInstance")) {
                early.keep(event, Instant.now());
                answer = act(event); // an instance that came between is not told of the event
            }
            done = !answer.accepted().isEmpty();
            if (done) {
                early.forget(event.subjects());
            }
            return answer;
        } finally {
            if (!done) {
                seen.forget(event.origin().key()); // the sender may try again, for example when the site is known
            }
        }
    }

    /** What was said of an instance before it was in the cache. */
    private void catchUp(@Nullable FunctionInstance before, @Nullable FunctionInstance instance) {
        boolean known = before != null
                && instance != null
                && InstanceCache.subjects(before).equals(InstanceCache.subjects(instance));
        if (instance == null || known) {
            return;
        }
        List<MobilityEvent> missed = early.take(instance, Instant.now());
        if (!missed.isEmpty()) {
            // not claimed: whoever took the event may not be done with it yet, and an instance knows its last event
            Thread.ofVirtual().start(() -> missed.forEach(this::act));
        }
    }

    private EventsAnswer act(MobilityEvent event) {
        Map<String, Act> written = new LinkedHashMap<>();
        // what is written is refused if memory was late; what is not may have to be read again at the server
        boolean atServer = false;
        boolean rulesToo = false;
        int conflicts = 0;
        while (true) {
            Map<String, Candidate> candidates = this.candidates.of(event, written.keySet(), atServer, rulesToo);
            if (candidates.isEmpty() && !written.isEmpty()) {
                return answer(event, written.values(), List.of());
            }
            MobilityDecision decision = MobilityDecision.decide(
                    event,
                    Instant.now(),
                    hysteresis,
                    candidates.values().stream().map(Candidate::known).toList(),
                    this.candidates.sites(rulesToo).stream().map(Facts::known).toList());
            if (!atServer && !candidates.isEmpty() && isToAskServer(decision)) {
                atServer = true;
                rulesToo = !decision.refusals().isEmpty();
                continue;
            }
            try {
                for (Act act : decision.acts()) {
                    String key = Candidates.key(act.instance());
                    perform(act, Objects.requireNonNull(candidates.get(key)), event);
                    written.put(key, act);
                }
                return answer(event, written.values(), decision.refusals());
            } catch (KubernetesClientException e) {
                // somebody wrote an instance meanwhile, or deleted it: look again
                if ((e.getCode() != 409 && e.getCode() != 404) || ++conflicts == TRIES) {
                    throw e;
                }
                atServer = true;
            }
        }
    }

    /**
     * Whether somebody else's write, which memory may not have yet, would make it another decision. Not if a user stays, says
     * an event without sequence and time: it cannot be said to be newer than what somebody wrote some milliseconds ago.
     */
    private static boolean isToAskServer(MobilityDecision decision) {
        return !decision.refusals().isEmpty()
                || decision.acts().stream()
                        .anyMatch(act -> act.action() == Act.Action.NothingToDo && act.site() == null);
    }

    private void perform(Act act, Candidate candidate, MobilityEvent event) {
        FunctionInstance instance = candidate.instance();
        Map<String, @Nullable String> memory = memory(act, event);
        switch (act.action()) {
            case Moving -> {
                memory.put(MobilityAnnotations.REASON, MigrationSpec.Reason.UserMobility.name());
                moves.write(instance, Objects.requireNonNull(act.site()), memory);
            }
            case HeldBack, Prepared -> moves.remember(instance, memory);
            case Aborted -> {
                if (act.site() == null) {
                    moves.remember(instance, memory);
                } else {
                    abort(candidate, act.site(), memory);
                }
            }
            case NothingToDo -> {
                if (act.site() != null) {
                    sightings.add(Candidates.key(act.instance()), Instant.now());
                }
            }
        }
    }

    /** The Migration goes first: that alone withdraws the wish, should the rest never be written. */
    private void abort(Candidate candidate, String back, Map<String, @Nullable String> memory) {
        Migration migration = candidate.migration();
        FunctionInstance instance = candidate.instance();
        if (migration != null) {
            aborts.abort(migration);
        }
        if (migration != null
                && migration.getSpec().to().equals(instance.getSpec().site())) {
            // the end of the Migration writes the instance too, and is not waited for
            moves.rememberAnyhow(instance, memory);
        } else {
            moves.write(instance, back, memory);
        }
    }

    private static Map<String, @Nullable String> memory(Act act, MobilityEvent event) {
        Map<String, @Nullable String> annotations = new HashMap<>(act.remember().annotations());
        annotations.put(MobilityAnnotations.LAST_EVENT, event.origin().key());
        annotations.put(MobilityAnnotations.LAST_SEQUENCE, event.origin().sequence());
        annotations.put(MobilityAnnotations.LAST_TIME, text(event.origin().time()));
        return annotations;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static @Nullable Instant due(Act act) {
        Remembered.Held held = act.remember().held();
        return act.action() == Act.Action.HeldBack && held != null ? held.until() : null;
    }

    private static EventsAnswer answer(MobilityEvent event, Collection<Act> acts, List<Reason> refusals) {
        String id = event.origin().id();
        return new EventsAnswer(
                acts.stream()
                        .map(a -> new EventsAnswer.Accepted(
                                id, a.instance().namespace(), a.instance().name(), a.action(), a.site(), due(a)))
                        .toList(),
                refusals.stream()
                        .map(r -> new EventsAnswer.Refused(id, r.code(), r.message()))
                        .toList());
    }
}
