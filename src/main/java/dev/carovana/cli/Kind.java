// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What can be listed, and what a table shows of it.
 *
 * @param plural as in the REST API's path
 * @param singular as messages have it
 * @param shortName as kubectl has it
 */
record Kind(String plural, String singular, String shortName, boolean namespaced, List<Column> columns) {

    /**
     * @param wide whether it is shown with {@code -o wide} only
     */
    record Column(String header, boolean wide, Function<JsonNode, String> value) {}

    private static final List<Kind> ALL = List.of(
            new Kind(
                    "sites",
                    "site",
                    "site",
                    false,
                    List.of(
                            field("NAME", "/name"),
                            field("READY", "/ready"),
                            field("INSTANCES", "/instances"),
                            field("CORDONED", "/cordoned"),
                            new Column("DRAINED", false, Kind::drained),
                            wide(field("LIMIT", "/limits/maxInstances")),
                            wide(list("ZONES", "/zones", "")),
                            wide(list("NODES", "/agents", "/node")),
                            wide(field("LATITUDE", "/location/latitude")),
                            wide(field("LONGITUDE", "/location/longitude")),
                            wide(notReady("MESSAGE")))),
            new Kind(
                    "functions",
                    "function",
                    "fn",
                    true,
                    List.of(
                            field("NAME", "/name"),
                            field("KIND", "/kind"),
                            field("STATE", "/state"),
                            field("ACCEPTED", "/accepted"),
                            field("INSTANCES", "/instances"),
                            wide(field("MAX", "/maxInstances")),
                            wide(field("IDLE", "/idleTimeout")),
                            wide(field("FREEZE", "/maxFreeze")),
                            wide(field("FAILURE", "/onFailure")),
                            wide(field("MESSAGE", "/message")))),
            new Kind(
                    "instances",
                    "instance",
                    "fi",
                    true,
                    List.of(
                            field("NAME", "/name"),
                            field("FUNCTION", "/function/name"),
                            field("WANTED", "/wantedSite"),
                            field("SITE", "/site"),
                            field("PHASE", "/phase"),
                            field("EPOCH", "/epoch"),
                            wide(field("USER", "/user")),
                            wide(field("ADDRESS", "/address")),
                            wide(field("NODE", "/node")),
                            wide(field("MIGRATION", "/migration")),
                            wide(notReady("MESSAGE")))),
            new Kind(
                    "migrations",
                    "migration",
                    "mig",
                    true,
                    List.of(
                            field("NAME", "/name"),
                            field("INSTANCE", "/instance"),
                            field("FROM", "/from"),
                            field("TO", "/to"),
                            field("PHASE", "/phase"),
                            millis("FREEZE", "/freezeMillis"),
                            millis("TOTAL", "/totalMillis"),
                            wide(field("WHY", "/why")),
                            wide(field("BYTES", "/bytesSent")),
                            wide(field("REASON", "/reason")),
                            wide(field("MESSAGE", "/message")))));

    /** Whether the server has no address for one object: those of several kinds may have one name. */
    boolean isOnlyListed() {
        return plural.equals("functions");
    }

    String path() {
        return "/api/v1/" + plural;
    }

    List<String> headers(boolean wide, boolean namespace) {
        List<String> headers = new ArrayList<>(namespace ? List.of("NAMESPACE") : List.of());
        columns.stream().filter(c -> wide || !c.wide()).forEach(c -> headers.add(c.header()));
        return headers;
    }

    List<String> row(JsonNode object, boolean wide, boolean namespace) {
        List<String> row =
                new ArrayList<>(namespace ? List.of(object.path("namespace").asText()) : List.of());
        columns.stream()
                .filter(c -> wide || !c.wide())
                .forEach(c -> row.add(c.value().apply(object)));
        return row;
    }

    /** Identifies an object among those of its kind. */
    static String key(JsonNode object) {
        return String.join(
                "/",
                object.path("namespace").asText(),
                object.path("kind").asText(),
                object.path("name").asText());
    }

    private static Column field(String header, String pointer) {
        return new Column(header, false, object -> object.at(pointer).asText());
    }

    private static Column millis(String header, String pointer) {
        return new Column(header, false, object -> {
            JsonNode value = object.at(pointer);
            return value.isNumber() ? String.format(Locale.ROOT, "%.0fms", value.asDouble()) : "";
        });
    }

    private static Column list(String header, String pointer, String element) {
        return new Column(
                header,
                false,
                object -> String.join(
                        ",",
                        StreamSupport.stream(object.at(pointer).spliterator(), false)
                                .map(e -> e.at(element).asText())
                                .toList()));
    }

    private static Column notReady(String header) {
        return new Column(header, false, object -> StreamSupport.stream(
                        object.path("conditions").spliterator(), false)
                .filter(c -> c.path("type").asText().equals("Ready")
                        && c.path("status").asText().equals("False"))
                .map(c -> c.path("message").asText())
                .findFirst()
                .orElse(""));
    }

    private static Column wide(Column column) {
        return new Column(column.header(), true, column.value());
    }

    private static String drained(JsonNode site) {
        JsonNode progress = site.path("drained");
        return progress.isMissingNode()
                ? ""
                : progress.path("moved").asText() + "/" + progress.path("total").asText();
    }

    /** For the completion of shells. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ALL.stream().map(Kind::plural).iterator();
        }
    }

    static final class Converter implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String name) {
            return ALL.stream()
                    .filter(k -> List.of(k.plural, k.singular, k.shortName).contains(name))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + name + "', expected one of " + String.join(", ", new Names())));
        }
    }
}
