// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static dev.carovana.security.Access.INSTANCES;

import dev.carovana.controller.Preflights;
import dev.carovana.model.Reason;
import dev.carovana.security.Access;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Would a move work? Changes nothing. */
@Path("/api/v1/migrations:preflight")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Migrations")
class PreflightResource {
    private final Access access;
    private final Store store;
    private final Preflights preflights;

    PreflightResource(Access access, Store store, Preflights preflights) {
        this.access = access;
        this.store = store;
        this.preflights = preflights;
    }

    @POST
    @RunOnVirtualThread
    @Operation(summary = "Every reason that speaks against a move")
    public Answer check(@Context ContainerRequestContext request, @NotNull @Valid Question question) {
        access.require(request, "get", INSTANCES, question.namespace(), question.instance());
        store.instance(question.namespace(), question.instance());
        store.requireSite("to", question.to());
        List<Reason> reasons = preflights.check(question.namespace(), question.instance(), question.to());
        return new Answer(reasons.isEmpty(), reasons);
    }

    /** A move to think of. */
    public record Question(@NotBlank String namespace, @NotBlank String instance, @NotBlank String to) {}

    /** Whether it would begin, and if not, why. */
    public record Answer(boolean ok, List<Reason> reasons) {}
}
