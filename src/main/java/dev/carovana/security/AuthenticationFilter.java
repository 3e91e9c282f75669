// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.rest.Problem;
import dev.carovana.rest.ProblemException;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Locale;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Every resource needs a valid bearer token. Runs in the resource's own (virtual) thread, so that it may wait. */
class AuthenticationFilter {
    private static final String BEARER = "bearer ";

    private final CarovanaConfig config;
    private final Authenticator authenticator;

    AuthenticationFilter(CarovanaConfig config, Authenticator authenticator) {
        this.config = config;
        this.authenticator = authenticator;
    }

    @ServerRequestFilter(preMatching = true)
    public void onlyController() {
        if (config.role() != Role.CONTROLLER) {
            throw new NotFoundException();
        }
    }

    @ServerRequestFilter
    public void authenticate(ContainerRequestContext request) {
        String token = bearer(request.getHeaderString(HttpHeaders.AUTHORIZATION));
        if (token == null) {
            throw unauthorized("Bearer", "the header Authorization: Bearer <token> is missing");
        }
        UserInfo user = authenticator
                .whose(token)
                .orElseThrow(() -> unauthorized("Bearer error=\"invalid_token\"", "the bearer token is not valid"));
        request.setProperty(Access.CALLER, user);
    }

    private static @Nullable String bearer(@Nullable String header) {
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return null;
        }
        String token = header.substring(BEARER.length()).trim();
        return token.isEmpty() ? null : token;
    }

    private static ProblemException unauthorized(String challenge, String detail) {
        return new ProblemException(Problem.of(401, detail)).withHeader(HttpHeaders.WWW_AUTHENTICATE, challenge);
    }
}
