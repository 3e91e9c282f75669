// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.carovana.rest.Problem.FieldError;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Every error leaves as a {@link Problem}, whoever raised it. */
class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    @ServerExceptionMapper
    public Response problem(ProblemException e) {
        Response.ResponseBuilder response = builder(e.problem());
        e.headers().forEach(response::header);
        return response.build();
    }

    @ServerExceptionMapper
    public Response web(WebApplicationException e) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return json(json);
        }
        int status = e.getResponse().getStatus();
        Response.ResponseBuilder response = builder(Problem.of(status, detail(status, e)));
        Object allow = e.getResponse().getHeaders().getFirst("Allow");
        return (allow == null ? response : response.header("Allow", allow)).build();
    }

    /** Quarkus has a mapper of its own for this subclass. */
    @ServerExceptionMapper
    public Response mismatch(MismatchedInputException e) {
        return json(e);
    }

    @ServerExceptionMapper
    public Response json(JsonProcessingException e) {
        String where = e instanceof JsonMappingException mapping ? path(mapping) : "";
        if (where.isEmpty()) {
            return builder(Problem.of(400, "the body is not valid JSON: " + e.getOriginalMessage()))
                    .build();
        }
        FieldError error = new FieldError(where, null, e.getOriginalMessage());
        return builder(Problem.of(400, where + ": " + e.getOriginalMessage(), List.of(error)))
                .build();
    }

    @ServerExceptionMapper
    public Response invalid(ConstraintViolationException e) {
        List<FieldError> errors = e.getConstraintViolations().stream()
                .map(v -> new FieldError(field(v), value(v.getInvalidValue()), v.getMessage()))
                .sorted((a, b) -> a.field().compareTo(b.field()))
                .toList();
        String detail = errors.stream().map(f -> f.field() + " " + f.expected()).collect(Collectors.joining("; "));
        return builder(Problem.of(400, detail, errors)).build();
    }

    @ServerExceptionMapper
    public Response kubernetes(KubernetesClientException e) {
        return switch (e.getCode()) {
            // what the caller asked for
            case 404, 409, 422 -> builder(Problem.of(e.getCode(), message(e))).build();
            case 400 -> builder(Problem.of(400, message(e))).build();
            case 429 ->
                builder(Problem.of(503, "the hub's Kubernetes API asks to wait"))
                        .header("Retry-After", 1)
                        .build();
            // what only the administrator can change: 401 and 403 would look as if they were about the caller
            default -> {
                LOG.warnf(e, "the hub's Kubernetes API answered %d", e.getCode());
                yield builder(Problem.of(502, "the hub's Kubernetes API does not answer as expected; see the log"))
                        .build();
            }
        };
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable e) {
        LOG.error("unexpected", e);
        return builder(Problem.of(500, "unexpected; see the controller's log")).build();
    }

    private static Response.ResponseBuilder builder(Problem problem) {
        return Response.status(problem.status()).type(Problem.MEDIA_TYPE).entity(problem);
    }

    private static String detail(int status, WebApplicationException e) {
        return switch (status) {
            case 404 -> "there is nothing at this path";
            case 405 -> "this path does not take the method";
            case 406 -> "the media types of the header Accept are not offered here";
            case 415 -> "the media type of the body is not taken here";
            default -> Objects.requireNonNullElse(e.getMessage(), "no detail");
        };
    }

    private static String message(KubernetesClientException e) {
        String status = e.getStatus() == null ? null : e.getStatus().getMessage();
        return Objects.requireNonNullElse(status != null ? status : e.getMessage(), "no message");
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."));
    }

    /** The path without the Java method and parameter that it begins with. */
    private static String field(ConstraintViolation<?> violation) {
        List<String> names = new ArrayList<>();
        String parameter = "body";
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getKind() == ElementKind.PARAMETER) {
                parameter = node.getName();
            } else if (node.getKind() == ElementKind.PROPERTY) {
                names.add(node.getName());
            }
        }
        return names.isEmpty() ? parameter : String.join(".", names);
    }

    private static @Nullable String value(@Nullable Object value) {
        return value instanceof String || value instanceof Number ? value.toString() : null;
    }
}
