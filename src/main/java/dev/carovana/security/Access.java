// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.rest.Problem;
import dev.carovana.rest.ProblemException;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks Kubernetes whether the caller of a request may do something: the same RBAC rules as with kubectl. */
@ApplicationScoped
public class Access {
    public static final String SITES = "sites";
    public static final String INSTANCES = "functioninstances";
    public static final String MIGRATIONS = "migrations";
    public static final String FUNCTIONS = "functions";
    public static final String EVENTS = "mobilityevents";

    static final String CALLER = Access.class.getName() + ".caller";

    private final KubernetesClient client;
    private final Kept<Object, Boolean> allowed = new Kept<>();

    Access(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Ends the request with 403 unless its caller has the right.
     *
     * @param namespace null for a cluster-wide right
     * @param name null for every object
     */
    public void require(
            ContainerRequestContext request,
            String verb,
            String resource,
            @Nullable String namespace,
            @Nullable String name) {
        if (!(request.getProperty(CALLER) instanceof UserInfo caller)) {
            // not reached as long as the filter covers all resources
            throw new ProblemException(Problem.of(401, "the caller is not known"))
                    .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        if (!isAllowed(review(caller, verb, resource, namespace, name))) {
            throw new ProblemException(Problem.of(
                            403,
                            "user '" + caller.getUsername() + "' may not " + verb + " " + resource + "."
                                    + Carovana.GROUP
                                    + (namespace == null
                                            ? " in the whole cluster"
                                            : " in namespace '" + namespace + "'")))
                    .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"");
        }
    }

    /** A right counts at once when it is given, and for a few seconds after it was taken away, as a token does. */
    private boolean isAllowed(SubjectAccessReview question) {
        return allowed.get(
                question.getSpec(),
                () -> Boolean.TRUE.equals(
                        client.resource(question).create().getStatus().getAllowed()),
                yes -> yes);
    }

    private static SubjectAccessReview review(
            UserInfo caller, String verb, String resource, @Nullable String namespace, @Nullable String name) {
        Map<String, List<String>> extra = new LinkedHashMap<>();
        if (caller.getExtra() != null) {
            extra.putAll(caller.getExtra());
        }
        return new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(caller.getUsername())
                .withUid(caller.getUid())
                .withGroups(caller.getGroups())
                .withExtra(extra)
                .withNewResourceAttributes()
                .withGroup(Carovana.GROUP)
                .withVersion(Carovana.VERSION)
                .withResource(resource)
                .withVerb(verb)
                .withNamespace(namespace)
                .withName(name)
                .endResourceAttributes()
                .endSpec()
                .build();
    }
}
