// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.rest.Problem;
import dev.carovana.rest.Problem.FieldError;
import dev.carovana.rest.ProblemException;
import dev.carovana.security.Access;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Takes mobility events. */
@Path("/events")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Events")
class EventResource {
    private final Access access;
    private final Mobility mobility;
    private final MeterRegistry registry;

    EventResource(Access access, Mobility mobility, MeterRegistry registry) {
        this.access = access;
        this.mobility = mobility;
        this.registry = registry;
    }

    @POST
    @Consumes(MediaType.WILDCARD) // in binary mode the media type is that of the data
    @RunOnVirtualThread
    @Operation(summary = "CloudEvents 1.0 of type " + MovedEvents.TYPE + ", in structured, batch or binary mode")
    public Response receive(@Context ContainerRequestContext request, byte @Nullable [] body) {
        access.require(request, "create", Access.EVENTS, null, null);
        // all are read before the first is acted upon: a batch is taken as a whole or not at all
        List<MobilityEvent> events = read(request, body == null ? new byte[0] : body);
        List<EventsAnswer> answers = new ArrayList<>();
        for (MobilityEvent event : events) {
            EventsAnswer answer = mobility.handle(event);
            count(answer.result());
            answers.add(answer);
        }
        return Response.accepted(EventsAnswer.all(answers)).build();
    }

    private List<MobilityEvent> read(ContainerRequestContext request, byte[] body) {
        try {
            List<MobilityEvent> events = new ArrayList<>();
            for (CloudEvent event : envelopes(request, body)) {
                if (!event.type().equals(MovedEvents.TYPE)) {
                    count("UnknownType");
                    throw new ProblemException(Problem.of(422, new FieldError("type", event.type(), MovedEvents.TYPE)));
                }
                events.add(MovedEvents.read(event));
            }
            return events;
        } catch (MalformedEventException e) {
            count("Malformed");
            throw new ProblemException(Problem.of(400, new FieldError(e.attribute(), e.value(), e.expected())));
        }
    }

    private static List<CloudEvent> envelopes(ContainerRequestContext request, byte[] body)
            throws MalformedEventException {
        MediaType type = request.getMediaType();
        String plain = type == null ? "" : (type.getType() + "/" + type.getSubtype()).toLowerCase(Locale.ROOT);
        if (plain.equals(CloudEvents.BATCH)) {
            return CloudEvents.batch(body);
        }
        if (plain.equals(CloudEvents.STRUCTURED)) {
            return List.of(CloudEvents.structured(body));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        request.getHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
        if (headers.keySet().stream()
                .noneMatch(n -> n.toLowerCase(Locale.ROOT).startsWith(CloudEvents.HEADER_PREFIX))) {
            throw new NotSupportedException();
        }
        return List.of(CloudEvents.binary(headers, plain.isEmpty() ? null : plain, body));
    }

    private void count(String result) {
        registry.counter("carovana.events", "result", result).increment();
    }
}
