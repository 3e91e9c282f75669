// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Phase;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Events of Carovana's own type. Other formats would be further adapters to {@link MobilityEvent}. */
final class MovedEvents {
    static final String TYPE = "dev.carovana.user.moved.v1";

    private static final int LONGEST = 256;

    private MovedEvents() {}

    static MobilityEvent read(CloudEvent event) throws MalformedEventException {
        JsonNode data = Objects.requireNonNullElse(event.data(), MissingNode.getInstance());
        String user = text(data.at("/user/id"), "data.user.id");
        if (user == null) {
            throw new MalformedEventException("data.user.id", "", "the user's id");
        }
        String cluster = text(data.at("/to/cluster"), "data.to.cluster");
        String zone = text(data.at("/to/zone"), "data.to.zone");
        if (cluster == null && zone == null) {
            throw new MalformedEventException("data.to", "", "cluster or zone");
        }
        return new MobilityEvent(
                event.required("source"),
                event.required("id"),
                event.optional("sequence"),
                event.time("expirytime"),
                user,
                cluster,
                zone,
                phase(text(data.at("/phase"), "data.phase")));
    }

    private static @Nullable String text(JsonNode node, String field) throws MalformedEventException {
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isTextual() || node.asText().isBlank() || node.asText().length() > LONGEST) {
            throw new MalformedEventException(
                    field, node.isTextual() ? node.asText() : "no text", "a text of 1 to " + LONGEST + " characters");
        }
        return node.asText();
    }

    private static @Nullable Phase phase(@Nullable String text) throws MalformedEventException {
        if (text == null) {
            return null;
        }
        return switch (text) {
            case "predicted" -> Phase.PREDICTED;
            case "in-progress" -> Phase.IN_PROGRESS;
            case "completed" -> Phase.COMPLETED;
            case "cancelled" -> Phase.CANCELLED;
            default ->
                throw new MalformedEventException("data.phase", text, "predicted, in-progress, completed or cancelled");
        };
    }
}
