// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static dev.carovana.security.Access.SITES;

import dev.carovana.api.v1alpha1.Site;
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
import org.jboss.resteasy.reactive.RestStreamElementType;

/** Sites. */
@Path("/api/v1/sites")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Sites")
class SiteResource {
    private final Access access;
    private final Store store;
    private final Watches watches;

    SiteResource(Access access, Store store, Watches watches) {
        this.access = access;
        this.store = store;
        this.watches = watches;
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
}
