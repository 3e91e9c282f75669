// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static dev.carovana.security.Access.FUNCTIONS;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.controller.function.Functions;
import dev.carovana.security.Access;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestStreamElementType;
import org.jspecify.annotations.Nullable;

/** Functions: Deployments, Knative Services and OpenFaaS Functions with the label. */
@Path("/api/v1/functions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Functions")
class FunctionResource {
    private final Access access;
    private final Store store;
    private final Functions functions;
    private final FunctionChanges changes;

    FunctionResource(Access access, Store store, Functions functions, FunctionChanges changes) {
        this.access = access;
        this.store = store;
        this.functions = functions;
        this.changes = changes;
    }

    @GET
    @RunOnVirtualThread
    @Operation(
            summary = "List functions, those too whose label or annotations are wrong; with ?watch=true as server-sent"
                    + " events")
    public List<FunctionView> list(@Context ContainerRequestContext request, @RestQuery @Nullable String namespace) {
        access.require(request, "list", FUNCTIONS, namespace, null);
        List<FunctionInstance> instances = store.instances(namespace);
        return functions.list(namespace).stream()
                .map(function -> FunctionView.of(function, instances))
                .toList();
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Multi<Change<FunctionView>> watch(
            @Context ContainerRequestContext request, @RestQuery @Nullable String namespace) {
        access.require(request, "watch", FUNCTIONS, namespace, null);
        return changes.watch(namespace);
    }
}
