// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists objects, shows one, or follows their changes. */
@Command(name = "get", description = "Lists sites, functions, instances or migrations, or shows one.")
final class GetCommand extends ServerCommand.Namespaced {
    @Parameters(
            index = "0",
            paramLabel = "KIND",
            converter = Kind.Converter.class,
            completionCandidates = Kind.Names.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private @Nullable Kind kind;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "One object instead of all.")
    private @Nullable String name;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Objects of every namespace.")
    private boolean everywhere;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "One of ${COMPLETION-CANDIDATES}.")
    private Format format = Format.table;

    @Option(
            names = {"-w", "--watch"},
            description = "After that, each change until interrupted.")
    private boolean watch;

    @Override
    int run(Server server) {
        Kind of = Objects.requireNonNull(kind);
        JsonNode found = find(server, of);
        List<JsonNode> objects = found.isArray() ? list(found) : List.of(found);
        if (objects.isEmpty() && !watch) {
            if (format == Format.json || format == Format.yaml) {
                print(format.text(of, found));
            } else {
                err().println("No " + of.plural() + " found.");
            }
            return 0;
        }
        Table table =
                new Table(headers(of), objects.stream().map(o -> row(of, o)).toList());
        if (format.isTable()) {
            out().println(table.line(headers(of)));
            objects.forEach(object -> out().println(table.line(row(of, object))));
        } else if (!watch) {
            print(format.text(of, found));
        } else {
            objects.forEach(object -> print(format.text(of, object)));
        }
        return watch ? follow(server, of, table, objects) : 0;
    }

    private JsonNode find(Server server, Kind of) {
        if (name != null && !of.isOnlyListed()) {
            return server.get(path(of, name));
        }
        JsonNode all = server.get(of.path() + query(of, ""));
        if (name == null) {
            return all;
        }
        ArrayNode named = JsonNodeFactory.instance.arrayNode();
        list(all).stream()
                .filter(object -> object.path("name").asText().equals(name))
                .forEach(named::add);
        if (named.isEmpty()) {
            throw new Failure(
                    Failure.REFUSED, "there is no " + of.singular() + " '" + name + "' among those that are listed");
        }
        return named;
    }

    /** The stream begins with what there is: of that only what has changed since the list is printed. */
    private int follow(Server server, Kind of, Table table, List<JsonNode> before) {
        Map<String, JsonNode> known = new HashMap<>();
        before.forEach(object -> known.put(Kind.key(object), object));
        boolean enough = server.watch(of.path() + query(of, "watch=true"), change -> {
            JsonNode object = change.path("object");
            boolean old = change.path("type").asText().equals("ADDED") && object.equals(known.get(Kind.key(object)));
            if (!old && (name == null || name.equals(object.path("name").asText()))) {
                print(format.isTable() ? table.line(row(of, object)) + "\n" : format.text(of, object));
            }
            return !out().checkError(); // whoever read them is gone
        });
        if (!enough) {
            throw new Failure(Failure.UNREACHABLE, "the server has ended the watch; start it again");
        }
        return 0;
    }

    private String path(Kind of, String object) {
        if (everywhere) {
            throw new Failure(Failure.USAGE, "a NAME is of one namespace: leave out --all-namespaces");
        }
        return of.namespaced() ? path(of.plural(), object) : of.path() + "/" + Server.encoded(object);
    }

    private String query(Kind of, String more) {
        List<String> parameters = new ArrayList<>();
        if (of.namespaced() && !everywhere) {
            parameters.add("namespace=" + Server.encoded(namespace()));
        }
        if (!more.isEmpty()) {
            parameters.add(more);
        }
        return parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
    }

    private List<String> headers(Kind of) {
        return of.headers(format == Format.wide, everywhere && of.namespaced());
    }

    private List<String> row(Kind of, JsonNode object) {
        return of.row(object, format == Format.wide, everywhere && of.namespaced());
    }

    private void print(String text) {
        out().print(text);
        out().flush();
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> objects = new ArrayList<>();
        array.forEach(objects::add);
        return objects;
    }
}
