// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static dev.carovana.security.Access.SITES;

import dev.carovana.api.v1alpha1.Site;
import dev.carovana.security.Access;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import jakarta.validation.Valid;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestStreamElementType;
import org.jspecify.annotations.Nullable;

/** Sites. */
@Path("/api/v1/sites")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Sites")
class SiteResource {
    private final Access access;
    private final Store store;
    private final Watches watches;
    private final SiteRequests requests;

    SiteResource(Access access, Store store, Watches watches, SiteRequests requests) {
        this.access = access;
        this.store = store;
        this.watches = watches;
        this.requests = requests;
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "List sites; with ?watch=true as server-sent events")
    public List<SiteView> list(@Context ContainerRequestContext request) {
        access.require(request, "list", SITES, null, null);
        return store.sites().stream().map(SiteView::of).toList();
    }

    @GET
    @Blocking
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Multi<Change<SiteView>> watch(@Context ContainerRequestContext request) {
        access.require(request, "watch", SITES, null, null);
        return watches.watch(Site.class, null, site -> true, SiteView::of);
    }

    @GET
    @Path("{name}")
    @RunOnVirtualThread
    @Operation(summary = "One site")
    public SiteView get(@Context ContainerRequestContext request, String name) {
        access.require(request, "get", SITES, null, name);
        return SiteView.of(store.site(name));
    }

    @POST
    @Path("{name}/cordon")
    @RunOnVirtualThread
    @Operation(summary = "Let no instance start at a site or move there")
    public SiteView cordon(@Context ContainerRequestContext request, String name) {
        access.require(request, "patch", SITES, null, name);
        return SiteView.of(requests.cordon(name));
    }

    @POST
    @Path("{name}/uncordon")
    @RunOnVirtualThread
    @Operation(summary = "Let a site take instances again; ends its drain")
    public SiteView uncordon(@Context ContainerRequestContext request, String name) {
        access.require(request, "patch", SITES, null, name);
        return SiteView.of(requests.uncordon(name));
    }

    @POST
    @Path("{name}/drain")
    @RunOnVirtualThread
    @ResponseStatus(202)
    @Operation(summary = "Cordon a site and move its instances away; a second one changes how")
    public SiteView drain(@Context ContainerRequestContext request, String name, @Valid @Nullable NewDrain wanted) {
        access.require(request, "patch", SITES, null, name);
        return SiteView.of(requests.drain(name, Objects.requireNonNullElse(wanted, new NewDrain(null, null))));
    }
}
