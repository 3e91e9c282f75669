// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An envelope that has been read but whose data nobody has looked at.
 *
 * @param attributes context attributes by name, as text
 * @param data the data; null if there is none
 */
record CloudEvent(Map<String, String> attributes, @Nullable JsonNode data) {
    private static final int LONGEST = 1024;

    /** Checks what every event of the specification has to have. */
    static CloudEvent of(Map<String, String> attributes, @Nullable JsonNode data) throws MalformedEventException {
        CloudEvent event = new CloudEvent(Map.copyOf(attributes), data);
        if (!event.required("specversion").equals("1.0")) {
            throw new MalformedEventException("specversion", event.required("specversion"), "1.0");
        }
        event.required("id");
        event.required("type");
        if (event.required("source").chars().anyMatch(Character::isWhitespace)) {
            throw new MalformedEventException("source", event.required("source"), "a URI reference");
        }
        event.time("time");
        event.time("expirytime");
        return event;
    }

    String type() throws MalformedEventException {
        return required("type");
    }

    String required(String name) throws MalformedEventException {
        String value = optional(name);
        if (value == null || value.isEmpty()) {
            throw new MalformedEventException(name, "", "a text");
        }
        return value;
    }

    @Nullable
    String optional(String name) throws MalformedEventException {
        String value = attributes.get(name);
        if (value != null && (value.length() > LONGEST || !Json.isUnicode(value))) {
            throw new MalformedEventException(name, value, "at most " + LONGEST + " characters of Unicode");
        }
        return value;
    }

    @Nullable
    Instant time(String name) throws MalformedEventException {
        String value = optional(name);
        if (value == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            throw new MalformedEventException(name, value, "a time as in RFC 3339");
        }
    }
}
