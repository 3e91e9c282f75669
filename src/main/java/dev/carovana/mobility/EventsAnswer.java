// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.model.MobilityDecision.Act;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the events of a request.
 *
 * @param accepted what is done about which instance
 * @param refused why nothing, or not everything, is done
 */
public record EventsAnswer(List<Accepted> accepted, List<Refused> refused) {

    /**
     * It is written down and will not be forgotten.
     *
     * @param action what is done
     * @param site where the instance is going to be; absent if the event does not change that
     * @param due when a move that is held back will be made
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Accepted(
            String event,
            String namespace,
            String instance,
            Act.Action action,
            @Nullable String site,
            @Nullable Instant due) {}

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
        return accepted.isEmpty()
                ? refused.getFirst().code()
                : accepted.getFirst().action().name();
    }
}
