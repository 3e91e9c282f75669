// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.databind.JsonNode;
import dev.carovana.model.MobilityEvent;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells by media type, headers and content in which format events are, and reads them. */
final class EventReader {
    /** Sent when a subscription asks for it: says nothing, and has to be taken. */
    private static final String TEST = "TestNotification";

    private static final String KNOWN = MobilityProcedures.TYPE + ", " + CellChanges.TYPE + " or " + TEST
            + ", or an object " + ZonalPresences.WRAPPER + " or a list " + AcrManagement.REPORTS;

    private EventReader() {}

    /**
     * @param events all of the request's, of one format
     */
    record Read(EventFormat format, List<MobilityEvent> events) {}

    /** Turns the fields of a format into an event. */
    interface Adapter {
        MobilityEvent read(Fields fields, Instant received) throws MalformedEventException;
    }

    /**
     * @param mediaType without parameters, in lower case; null if there is none
     * @param headers all headers of the request
     * @return empty if the media type is none of an event's
     */
    static Optional<Read> read(@Nullable String mediaType, Map<String, String> headers, byte[] body, Instant received)
            throws MalformedEventException {
        boolean binary = headers.keySet().stream()
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith(CloudEvents.HEADER_PREFIX));
        if (CloudEvents.BATCH.equals(mediaType)) {
            return Optional.of(reading(EventFormat.CLOUDEVENTS, () -> moved(CloudEvents.batch(body))));
        }
        if (CloudEvents.STRUCTURED.equals(mediaType)) {
            return Optional.of(reading(EventFormat.CLOUDEVENTS, () -> moved(List.of(CloudEvents.structured(body)))));
        }
        if (binary) {
            return Optional.of(reading(
                    EventFormat.CLOUDEVENTS, () -> moved(List.of(CloudEvents.binary(headers, mediaType, body)))));
        }
        return MediaType.APPLICATION_JSON.equals(mediaType)
                ? Optional.of(notification(body, received))
                : Optional.empty();
    }

    /** A request of a format that has paths of its own. */
    static MobilityEvent read(EventFormat format, Adapter adapter, byte[] body, Instant received)
            throws MalformedEventException {
        return reading(format, () -> List.of(adapter.read(fields(Json.read("body", body)), received)))
                .events()
                .getFirst();
    }

    private static Read notification(byte[] body, Instant received) throws MalformedEventException {
        JsonNode node = Json.read("body", body);
        Fields fields = fields(node);
        if (fields.has(ZonalPresences.WRAPPER)) {
            return reading(
                    EventFormat.MEC_013,
                    () -> List.of(ZonalPresences.read(fields.object(ZonalPresences.WRAPPER), received)));
        }
        if (fields.has(AcrManagement.REPORTS)) {
            return reading(EventFormat.ACR_MANAGEMENT, () -> AcrManagement.read(fields, received));
        }
        String type = fields.text("notificationType");
        return switch (type) {
            case MobilityProcedures.TYPE ->
                reading(EventFormat.MEC_021, () -> List.of(MobilityProcedures.read(fields, received)));
            case CellChanges.TYPE -> reading(EventFormat.MEC_012, () -> List.of(CellChanges.read(fields, received)));
            case TEST -> new Read(EventFormat.NONE, List.of());
            default -> throw new UnknownTypeException("notificationType", type, KNOWN);
        };
    }

    private static List<MobilityEvent> moved(List<CloudEvent> envelopes) throws MalformedEventException {
        List<MobilityEvent> events = new ArrayList<>();
        for (CloudEvent event : envelopes) {
            if (!event.type().equals(MovedEvents.TYPE)) {
                throw new UnknownTypeException("type", event.type(), MovedEvents.TYPE);
            }
            events.add(MovedEvents.read(event));
        }
        return events;
    }

    private static Fields fields(JsonNode node) throws MalformedEventException {
        return Fields.of("body", "", node);
    }

    private interface Source {
        List<MobilityEvent> events() throws MalformedEventException;
    }

    private static Read reading(EventFormat format, Source source) throws MalformedEventException {
        try {
            return new Read(format, source.events());
        } catch (MalformedEventException e) {
            throw e.in(format);
        }
    }
}
