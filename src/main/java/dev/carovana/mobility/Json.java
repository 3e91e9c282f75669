// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** JSON of senders that nobody vouches for. */
final class Json {
    private static final int DIGEST_BYTES = 16;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private Json() {}

    /**
     * @param what what the text is called if it is malformed
     */
    static JsonNode read(String what, byte @Nullable [] text) throws MalformedEventException {
        try {
            JsonNode node = text == null ? null : JSON.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new MalformedEventException(what, "", "JSON");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new MalformedEventException(what, "not JSON: " + e.getOriginalMessage(), "JSON");
        } catch (IOException e) {
            throw new MalformedEventException(what, "not readable", "JSON");
        }
    }

    /** The same for the same content, however it is spaced and in whatever order its fields are. */
    static String digest(JsonNode node) {
        try {
            String canonical = JSON.writeValueAsString(JSON.treeToValue(node, Object.class));
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // it has been read, so it can be written
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }

    /** JSON can spell halves of characters, which could not be sent back or stored. */
    static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** For messages: a value as it is, anything else by its kind. */
    static String shown(JsonNode node) {
        return node.isValueNode() ? node.asText() : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
