// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of the events of a request.
 *
 * @param accepted instances that are going to be at a site
 * @param refused why nothing, or not everything, is done
 */
public record EventsAnswer(List<Accepted> accepted, List<Refused> refused) {

    /** The instance's wish is written. */
    public record Accepted(String event, String namespace, String instance, String site) {}

    /** A reason of {@link dev.carovana.model.MobilityDecision}. */
    public record Refused(String event, String code, String message) {}

    static EventsAnswer all(List<EventsAnswer> answers) {
        List<Accepted> accepted = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        for (EventsAnswer answer : answers) {
            accepted.addAll(answer.accepted());
            refused.addAll(answer.refused());
        }
        return new EventsAnswer(accepted, refused);
    }

    /** For the metric: one word. */
    String result() {
        return accepted.isEmpty() && !refused.isEmpty() ? refused.getFirst().code() : "Accepted";
    }
}
