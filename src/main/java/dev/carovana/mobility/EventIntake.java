// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.rest.Problem;
import dev.carovana.rest.Problem.FieldError;
import dev.carovana.rest.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** What all ways in for events do: act upon them, count what becomes of each, say what is wrong. */
@ApplicationScoped
class EventIntake {
    private final Mobility mobility;
    private final MeterRegistry registry;

    EventIntake(Mobility mobility, MeterRegistry registry) {
        this.mobility = mobility;
        this.registry = registry;
    }

    EventsAnswer handle(EventFormat format, List<MobilityEvent> events) {
        List<EventsAnswer> answers = new ArrayList<>();
        for (MobilityEvent event : events) {
            EventsAnswer answer = mobility.handle(event);
            count(format, answer.result());
            answers.add(answer);
        }
        return EventsAnswer.all(answers);
    }

    /** 400, or 422 for a type that is unknown. */
    ProblemException refuse(MalformedEventException e) {
        boolean unknown = e instanceof UnknownTypeException;
        count(e.format(), unknown ? "UnknownType" : "Malformed");
        return new ProblemException(
                Problem.of(unknown ? 422 : 400, new FieldError(e.attribute(), e.value(), e.expected())));
    }

    private void count(EventFormat format, String result) {
        registry.counter("carovana.events", "format", format.label(), "result", result)
                .increment();
    }
}
