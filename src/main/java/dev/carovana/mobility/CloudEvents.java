// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the three modes of CloudEvents over HTTP. */
final class CloudEvents {
    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCH = "application/cloudevents-batch+json";
    static final String HEADER_PREFIX = "ce-";

    private static final int MOST_IN_BATCH = 1000;
    private static final Pattern ATTRIBUTE_NAME = Pattern.compile("[a-z0-9]+");
    private static final Pattern JSON_TYPE = Pattern.compile("(application|text)/([a-z0-9.+-]+\\+)?json(\\s*;.*)?");

    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    private CloudEvents() {}

    static CloudEvent structured(byte[] body) throws MalformedEventException {
        return envelope(Json.read("body", body));
    }

    static List<CloudEvent> batch(byte[] body) throws MalformedEventException {
        JsonNode array = Json.read("body", body);
        if (!array.isArray()) {
            throw new MalformedEventException("body", Json.shown(array), "an array of events");
        }
        if (array.size() > MOST_IN_BATCH) {
            throw new MalformedEventException("body", array.size() + " events", "at most " + MOST_IN_BATCH);
        }
        List<CloudEvent> events = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            try {
                events.add(envelope(array.get(i)));
            } catch (MalformedEventException e) {
                throw new MalformedEventException("[" + i + "]." + e.attribute(), e.value(), e.expected());
            }
        }
        return events;
    }

    /**
     * @param headers all headers of the request
     */
    static CloudEvent binary(Map<String, String> headers, @Nullable String contentType, byte[] body)
            throws MalformedEventException {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith(HEADER_PREFIX)) {
                attributes.put(name.substring(HEADER_PREFIX.length()), decode(name, header.getValue()));
            }
        }
        if (contentType != null) {
            attributes.put("datacontenttype", contentType);
        }
        requireJson(attributes);
        return CloudEvent.of(attributes, body.length == 0 ? null : Json.read("data", body));
    }

    private static CloudEvent envelope(JsonNode envelope) throws MalformedEventException {
        if (!envelope.isObject()) {
            throw new MalformedEventException("body", Json.shown(envelope), "an object");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : envelope.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (name.equals("data") || name.equals("data_base64") || value.isNull()) {
                continue;
            }
            if (!ATTRIBUTE_NAME.matcher(name).matches()) {
                throw new MalformedEventException(
                        name, Json.shown(value), "a name of lower-case letters and digits only");
            }
            if (!value.isTextual() && !value.isBoolean() && !value.isIntegralNumber()) {
                throw new MalformedEventException(name, Json.shown(value), "a text, a whole number, true or false");
            }
            attributes.put(name, value.asText());
        }
        requireJson(attributes);
        return CloudEvent.of(attributes, data(envelope));
    }

    private static @Nullable JsonNode data(JsonNode envelope) throws MalformedEventException {
        JsonNode encoded = envelope.get("data_base64");
        if (encoded == null) {
            return envelope.get("data");
        }
        try {
            return Json.read("data_base64", encoded.binaryValue());
        } catch (IOException e) {
            throw new MalformedEventException("data_base64", Json.shown(encoded), "a text in Base64");
        }
    }

    private static void requireJson(Map<String, String> attributes) throws MalformedEventException {
        String type = attributes.get("datacontenttype");
        if (type != null && !JSON_TYPE.matcher(type.toLowerCase(Locale.ROOT)).matches()) {
            throw new MalformedEventException("datacontenttype", type, "application/json");
        }
    }

    /** HTTP protocol binding 1.0.2, 3.1.3.2: what older versions put in quotes is unquoted, then one round of percent-decoding. */
    private static String decode(String header, String value) throws MalformedEventException {
        Matcher quoted = QUOTED.matcher(value);
        String text = quoted.matches() ? quoted.group(1).replaceAll("\\\\(.)", "$1") : value;
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        try {
            for (int i = 0; i < text.length(); i++) {
                char next = text.charAt(i); // a byte of the header
                if (next == '%') {
                    bytes.put((byte) HexFormat.fromHexDigits(text, i + 1, i + 3));
                    i += 2;
                } else {
                    bytes.put((byte) next);
                }
            }
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (IllegalArgumentException | IndexOutOfBoundsException | CharacterCodingException e) {
            throw new MalformedEventException(header, value, "percent-encoded UTF-8");
        }
    }
}
