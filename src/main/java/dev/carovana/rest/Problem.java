// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error in the form of RFC 9457.
 *
 * @param type always {@code about:blank}: the status says the kind, {@code detail} and {@code errors} the rest
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what is wrong, for people
 * @param errors the fields that are wrong, for programs
 * @param cause one word for programs, where 3GPP's APIs have it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @Nullable List<FieldError> errors,
        @Nullable String cause) {
    public static final String MEDIA_TYPE = "application/problem+json";

    /**
     * @param field path in the body, or the parameter's name
     * @param value what was sent
     * @param expected what would be accepted
     */
    public record FieldError(String field, @Nullable String value, String expected) {}

    public static Problem of(int status, String detail) {
        return new Problem("about:blank", title(status), status, detail, null, null);
    }

    /** One field is wrong. */
    public static Problem of(int status, FieldError error) {
        return of(status, error.field() + " is '" + error.value() + "', expected " + error.expected(), List.of(error));
    }

    public static Problem of(int status, String detail, List<FieldError> errors) {
        return new Problem("about:blank", title(status), status, detail, errors, null);
    }

    /** The same, with a reason code. */
    public Problem because(String code) {
        return new Problem(type, title, status, detail, errors, code);
    }

    private static String title(int status) {
        if (status == 422) {
            return "Unprocessable Content"; // newer than the enumeration
        }
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "Status " + status : known.getReasonPhrase();
    }
}
