// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.security.Access;
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
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Takes mobility events. */
@Path("/events")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Events")
class EventResource {
    private final Access access;
    private final EventIntake intake;

    EventResource(Access access, EventIntake intake) {
        this.access = access;
        this.intake = intake;
    }

    @POST
    @Consumes(MediaType.WILDCARD) // in binary mode the media type is that of the data
    @RunOnVirtualThread
    @Operation(
            summary = "Mobility events",
            description = "CloudEvents 1.0 of type " + MovedEvents.TYPE + " in structured, batch or binary mode, or as "
                    + "application/json: ETSI MEC 021 MobilityProcedureNotification, MEC 013 zonalPresenceNotification, "
                    + "MEC 012 CellChangeNotification, 3GPP TS 29.558 AcrMgntEventsNotification")
    @APIResponse(
            responseCode = "202",
            description = "What becomes of each event",
            content = @Content(schema = @Schema(implementation = EventsAnswer.class)))
    @APIResponse(responseCode = "400", description = "Malformed: names the field; nothing of the request is done")
    @APIResponse(responseCode = "415", description = "No format of an event")
    @APIResponse(responseCode = "422", description = "A type that is not known here")
    public Response receive(@Context ContainerRequestContext request, byte @Nullable [] body) {
        access.require(request, "create", Access.EVENTS, null, null);
        try {
            // all are read before the first is acted upon: a request is taken as a whole or not at all
            EventReader.Read read = EventReader.read(
                            mediaType(request), headers(request), body == null ? new byte[0] : body, Instant.now())
                    .orElseThrow(NotSupportedException::new);
            return Response.accepted(intake.handle(read.format(), read.events()))
                    .build();
        } catch (MalformedEventException e) {
            throw intake.refuse(e);
        }
    }

    private static @Nullable String mediaType(ContainerRequestContext request) {
        MediaType type = request.getMediaType();
        return type == null ? null : (type.getType() + "/" + type.getSubtype()).toLowerCase(Locale.ROOT);
    }

    private static Map<String, String> headers(ContainerRequestContext request) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.getHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
        return headers;
    }
}
