// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static dev.carovana.security.Access.MIGRATIONS;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.model.MigrationPhase;
import dev.carovana.security.Access;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
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
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Migrations: one move of an instance each. */
@Path("/api/v1/migrations")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Migrations")
class MigrationResource {
    private final Access access;
    private final Store store;
    private final Watches watches;
    private final Aborts aborts;
    private final MoveRequests moves;
    private final KubernetesClient client;

    MigrationResource(
            Access access, Store store, Watches watches, Aborts aborts, MoveRequests moves, KubernetesClient client) {
        this.access = access;
        this.store = store;
        this.watches = watches;
        this.aborts = aborts;
        this.moves = moves;
        this.client = client;
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "List migrations; with ?watch=true as server-sent events")
    public List<MigrationView> list(@Context ContainerRequestContext request, @BeanParam MigrationFilter filter) {
        access.require(request, "list", MIGRATIONS, filter.namespace, null);
        return store.migrations(filter.namespace).stream()
                .filter(filter::takes)
                .map(MigrationView::of)
                .toList();
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Multi<Change<MigrationView>> watch(
            @Context ContainerRequestContext request, @BeanParam MigrationFilter filter) {
        access.require(request, "watch", MIGRATIONS, filter.namespace, null);
        return watches.watch(Migration.class, filter.namespace, filter::takes, MigrationView::of);
    }

    @GET
    @Path("{namespace}/{name}")
    @RunOnVirtualThread
    @Operation(summary = "One migration")
    public MigrationView get(@Context ContainerRequestContext request, String namespace, String name) {
        access.require(request, "get", MIGRATIONS, namespace, name);
        return MigrationView.of(store.migration(namespace, name));
    }

    @DELETE
    @Path("{namespace}/{name}")
    @RunOnVirtualThread
    @Operation(summary = "Abort a migration before its handover")
    public Response abort(@Context ContainerRequestContext request, String namespace, String name) {
        access.require(request, "delete", MIGRATIONS, namespace, name);
        Migration migration = store.migration(namespace, name);
        if (Resources.phase(migration) == MigrationPhase.RolledBack && moves.withdraw(migration)) {
            return Response.accepted().build(); // it is over, and would be tried again
        }
        if (!Aborts.isPossible(migration)) {
            throw conflict(migration, "it can be aborted before the handover only");
        }
        aborts.abort(migration);
        return Response.accepted().build();
    }

    @POST
    @Path("{namespace}/{name}/decision")
    @RunOnVirtualThread
    @Operation(summary = "Say which end runs the instance of a migration in doubt")
    public Response decide(
            @Context ContainerRequestContext request,
            String namespace,
            String name,
            @NotNull @Valid Decision decision) {
        access.require(request, "update", MIGRATIONS, namespace, name);
        Migration migration = store.migration(namespace, name);
        if (Resources.phase(migration) != MigrationPhase.InDoubt) {
            throw conflict(migration, "a decision is taken in phase InDoubt only");
        }
        Map<String, Object> patch = Map.of(
                "metadata",
                Map.of(
                        "resourceVersion",
                        migration.getMetadata().getResourceVersion(),
                        "annotations",
                        Map.of(Carovana.DECISION_ANNOTATION, decision.run().name())));
        client.resource(migration)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        client.getKubernetesSerialization().asJson(patch));
        return Response.accepted().build();
    }

    private static ProblemException conflict(Migration migration, String rule) {
        return new ProblemException(Problem.of(
                409,
                "migration '" + migration.getMetadata().getName() + "' is in phase " + Resources.phase(migration) + ": "
                        + rule));
    }

    /** Which end runs the instance. */
    public record Decision(@NotNull End run) {
        /** An end of a migration. */
        public enum End {
            source,
            destination
        }
    }
}
