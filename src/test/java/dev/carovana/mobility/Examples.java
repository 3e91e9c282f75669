// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One valid document of each format and variant: src/test/resources/events. */
final class Examples {
    static final Instant RECEIVED = Instant.parse("2026-11-24T03:00:01Z");
    private static final Path FOLDER = Path.of("src/test/resources/events");

    private Examples() {}

    static String text(String name) {
        try {
            return Files.readString(FOLDER.resolve(name + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String> names() {
        String[] files = FOLDER.toFile().list();
        return Stream.of(files).map(f -> f.replace(".json", "")).sorted();
    }

    static List<MobilityEvent> read(String name) throws MalformedEventException {
        return read(name, text(name));
    }

    /** Reads a text as the resource reads a document of the name's format. */
    static List<MobilityEvent> read(String name, String text) throws MalformedEventException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return switch (name) {
            case "acr-determine" -> acr(AcrRequests::determine, body);
            case "acr-initiate" -> acr(AcrRequests::initiate, body);
            case "acr-declare" -> acr(AcrRequests::declare, body);
            case "moved" -> events(CloudEvents.STRUCTURED, body);
            default -> events("application/json", body);
        };
    }

    private static List<MobilityEvent> acr(EventReader.Adapter adapter, byte[] body) throws MalformedEventException {
        return List.of(EventReader.read(EventFormat.ACR, adapter, body, RECEIVED));
    }

    private static List<MobilityEvent> events(String mediaType, byte[] body) throws MalformedEventException {
        return EventReader.read(mediaType, Map.of(), body, RECEIVED)
                .orElseThrow()
                .events();
    }
}
