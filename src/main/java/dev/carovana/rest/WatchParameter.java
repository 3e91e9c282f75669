// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** {@code ?watch=true}, as Kubernetes has it, means the same as {@code Accept: text/event-stream}. */
class WatchParameter {
    @ServerRequestFilter(preMatching = true)
    public void stream(ContainerRequestContext request) {
        if ("true".equals(request.getUriInfo().getQueryParameters().getFirst("watch"))) {
            request.getHeaders().putSingle(HttpHeaders.ACCEPT, MediaType.SERVER_SENT_EVENTS);
        }
    }
}
