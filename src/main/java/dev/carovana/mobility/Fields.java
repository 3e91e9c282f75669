// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object whose fields are read one by one. A field that is wrong is told with its whole path; null is the same as
 * absent.
 *
 * @param path where the object is, empty or with a dot at its end
 */
record Fields(String path, JsonNode object) {
    private static final int LONGEST = 256;
    private static final long MOST_NANOS = 999_999_999;
    /** Within what an {@link Instant} and a date of four digits hold. */
    private static final long MOST_SECONDS = 253_402_300_799L;

    /** @param name what the whole is called if it is no object */
    static Fields of(String name, String path, @Nullable JsonNode node) throws MalformedEventException {
        if (node == null || !node.isObject()) {
            throw new MalformedEventException(name, node == null ? "" : Json.shown(node), "an object");
        }
        return new Fields(path, node);
    }

    MalformedEventException wrong(String name, String expected) {
        JsonNode value = object.get(name);
        return new MalformedEventException(path + name, value == null ? "" : Json.shown(value), expected);
    }

    boolean has(String name) {
        return object.hasNonNull(name);
    }

    Fields object(String name) throws MalformedEventException {
        return of(path + name, path + name + ".", object.get(name));
    }

    @Nullable
    Fields optionalObject(String name) throws MalformedEventException {
        return has(name) ? object(name) : null;
    }

    /** The objects of a list; where implementations differ, a single object is a list of one. Absent is empty. */
    List<Fields> objects(String name) throws MalformedEventException {
        if (!has(name)) {
            return List.of();
        }
        JsonNode list = object.get(name);
        if (!list.isArray()) {
            return List.of(object(name));
        }
        List<Fields> objects = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String element = path + name + "[" + i + "]";
            objects.add(of(element, element + ".", list.get(i)));
        }
        return objects;
    }

    String text(String name) throws MalformedEventException {
        String text = optionalText(name);
        if (text == null) {
            throw wrong(name, "a text");
        }
        return text;
    }

    @Nullable
    String optionalText(String name) throws MalformedEventException {
        if (!has(name)) {
            return null;
        }
        if (!isText(object.get(name))) {
            throw wrong(name, "a text of 1 to " + LONGEST + " characters");
        }
        return object.get(name).asText();
    }

    /** Absent is empty. */
    List<String> texts(String name) throws MalformedEventException {
        List<String> texts = new ArrayList<>();
        if (has(name)) {
            if (!object.get(name).isArray()) {
                throw wrong(name, "a list of texts");
            }
            for (JsonNode element : object.get(name)) {
                if (!isText(element)) {
                    throw wrong(name, "a list of texts of 1 to " + LONGEST + " characters");
                }
                texts.add(element.asText());
            }
        }
        return texts;
    }

    /** One of an enumeration, by its number, from 1, also as text, or by its name: implementations differ. */
    int code(String name, List<String> names) throws MalformedEventException {
        JsonNode value = object.path(name);
        for (int i = 1; i <= names.size(); i++) {
            if (value.asText().equals("" + i) || value.asText().equalsIgnoreCase(names.get(i - 1))) {
                return i;
            }
        }
        throw wrong(name, "1 to " + names.size() + " or one of " + String.join(", ", names));
    }

    @Nullable
    Instant dateTime(String name) throws MalformedEventException {
        String text = optionalText(name);
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw wrong(name, "a time as in RFC 3339");
        }
    }

    /** ETSI's TimeStamp, with either spelling of its nanoseconds. All zero says nothing. */
    @Nullable
    Instant timeStamp(String name) throws MalformedEventException {
        Fields stamp = optionalObject(name);
        if (stamp == null) {
            return null;
        }
        long seconds = stamp.number("seconds", MOST_SECONDS);
        long nanos = stamp.number(stamp.has("nanoSeconds") ? "nanoSeconds" : "nanoseconds", MOST_NANOS);
        return seconds == 0 && nanos == 0 ? null : Instant.ofEpochSecond(seconds, nanos);
    }

    /** Absent is 0. */
    private long number(String name, long most) throws MalformedEventException {
        if (!has(name)) {
            return 0;
        }
        JsonNode value = object.get(name);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 0
                || value.longValue() > most) {
            throw wrong(name, "a whole number from 0 to " + most);
        }
        return value.longValue();
    }

    private static boolean isText(JsonNode node) {
        return node.isTextual()
                && !node.asText().isBlank()
                && node.asText().length() <= LONGEST
                && Json.isUnicode(node.asText());
    }
}
