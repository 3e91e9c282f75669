// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static dev.carovana.security.Access.INSTANCES;
import static dev.carovana.security.Access.MIGRATIONS;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.security.Access;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Function instances: one user's pod of one function. */
@Path("/api/v1/instances")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Instances")
class InstanceResource {
    private final Access access;
    private final Store store;
    private final Watches watches;
    private final InstanceRequests requests;
    private final MoveRequests moves;

    InstanceResource(Access access, Store store, Watches watches, InstanceRequests requests, MoveRequests moves) {
        this.access = access;
        this.store = store;
        this.watches = watches;
        this.requests = requests;
        this.moves = moves;
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "List instances; with ?watch=true as server-sent events")
    public List<InstanceView> list(@Context ContainerRequestContext request, @BeanParam InstanceFilter filter) {
        access.require(request, "list", INSTANCES, filter.namespace, null);
        return store.instances(filter.namespace).stream()
                .filter(filter::takes)
                .map(InstanceView::of)
                .toList();
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Multi<Change<InstanceView>> watch(
            @Context ContainerRequestContext request, @BeanParam InstanceFilter filter) {
        access.require(request, "watch", INSTANCES, filter.namespace, null);
        return watches.watch(FunctionInstance.class, filter.namespace, filter::takes, InstanceView::of);
    }

    @GET
    @Path("{namespace}/{name}")
    @RunOnVirtualThread
    @Operation(summary = "One instance")
    public InstanceView get(@Context ContainerRequestContext request, String namespace, String name) {
        access.require(request, "get", INSTANCES, namespace, name);
        return InstanceView.of(store.instance(namespace, name));
    }

    @POST
    @RunOnVirtualThread
    @Operation(summary = "Start a user's instance of a function")
    public Response create(@Context ContainerRequestContext request, @NotNull @Valid NewInstance wanted) {
        access.require(request, "create", INSTANCES, wanted.namespace(), null);
        InstanceView created = InstanceView.of(requests.create(wanted));
        return Response.created(URI.create("/api/v1/instances/" + created.namespace() + "/" + created.name()))
                .entity(created)
                .build();
    }

    @DELETE
    @Path("{namespace}/{name}")
    @RunOnVirtualThread
    @Operation(summary = "Stop an instance; its state is lost")
    public void delete(@Context ContainerRequestContext request, String namespace, String name) {
        access.require(request, "delete", INSTANCES, namespace, name);
        store.instance(namespace, name);
        store.instanceResource(namespace, name).delete();
    }

    @POST
    @Path("{namespace}/{name}/migrations")
    @RunOnVirtualThread
    @Operation(summary = "Move an instance to another site")
    public Response move(
            @Context ContainerRequestContext request,
            String namespace,
            String name,
            @NotNull @Valid NewMigration wanted) {
        access.require(request, "create", MIGRATIONS, namespace, null);
        MoveRequests.Accepted accepted = moves.move(namespace, name, wanted);
        String location = accepted.name() == null
                ? "/api/v1/instances/" + namespace + "/" + name
                : "/api/v1/migrations/" + namespace + "/" + accepted.name();
        return Response.accepted(accepted).location(URI.create(location)).build();
    }
}
