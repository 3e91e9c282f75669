// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.rest.Problem;
import dev.carovana.rest.ProblemException;
import dev.carovana.security.Access;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Takes requests for application context relocation, where an edge enabler server of 3GPP TS 23.558 takes them. */
@Path("/eees-appctxtreloc/v1")
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Events")
class AcrResource {
    private final Access access;
    private final EventIntake intake;

    AcrResource(Access access, EventIntake intake) {
        this.access = access;
        this.intake = intake;
    }

    @POST
    @Path("determine")
    @RunOnVirtualThread
    @Operation(summary = "3GPP TS 24.558 AcrDetermReq: the user may move soon")
    @APIResponse(responseCode = "204", description = "Done")
    @APIResponse(responseCode = "404", description = "The user has no instance")
    @APIResponse(responseCode = "422", description = "Refused; cause has the reason code")
    public void determine(@Context ContainerRequestContext request, byte @Nullable [] body) {
        take(request, AcrRequests::determine, body);
    }

    @POST
    @Path("initiate")
    @RunOnVirtualThread
    @Operation(summary = "3GPP TS 24.558 AcrInitReq: move the user's instances")
    @APIResponse(responseCode = "204", description = "Done")
    @APIResponse(responseCode = "404", description = "The user has no instance")
    @APIResponse(responseCode = "422", description = "Refused; cause has the reason code")
    public void initiate(@Context ContainerRequestContext request, byte @Nullable [] body) {
        take(request, AcrRequests::initiate, body);
    }

    @POST
    @Path("declare")
    @RunOnVirtualThread
    @Operation(summary = "3GPP TS 24.558 AcrDecReq: the user is served from the target")
    @APIResponse(responseCode = "204", description = "Done")
    @APIResponse(responseCode = "404", description = "The user has no instance")
    @APIResponse(responseCode = "422", description = "Refused; cause has the reason code")
    public void declare(@Context ContainerRequestContext request, byte @Nullable [] body) {
        take(request, AcrRequests::declare, body);
    }

    private void take(ContainerRequestContext request, EventReader.Adapter adapter, byte @Nullable [] body) {
        access.require(request, "create", Access.EVENTS, null, null);
        try {
            MobilityEvent event =
                    EventReader.read(EventFormat.ACR, adapter, body == null ? new byte[0] : body, Instant.now());
            EventsAnswer answer = intake.handle(EventFormat.ACR, List.of(event));
            if (answer.accepted().isEmpty()) {
                throw refused(answer.refused().getFirst());
            }
        } catch (MalformedEventException e) {
            throw intake.refuse(e);
        }
    }

    private static ProblemException refused(EventsAnswer.Refused refused) {
        int status = refused.code().equals("NoInstance") ? 404 : 422;
        return new ProblemException(Problem.of(status, refused.message()).because(refused.code()));
    }
}
