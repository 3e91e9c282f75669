// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program of {@link #FOLDER}: its README says what its header may have. */
record Program(String name, String language, Header header) {
    static final Path FOLDER = Path.of("src/test/resources/programs");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String MARK = "---";

    /** How programs of a language are started, and in which image. */
    private record Language(String image, String command) {}

    private static final Map<String, Language> LANGUAGES = Map.of(
            "py", new Language("python", "python3, /programs/FILE.py"),
            "go", new Language("python", "/programs/FILE"),
            "js", new Language("web", "node, /programs/FILE.js"),
            "conf", new Language("web", "nginx, -g, daemon off;, -c, /programs/FILE.conf"),
            "java",
                    new Language(
                            "java",
                            "java, -XX:-UsePerfData, -XX:+UseSerialGC, -Xmx64m, -XX:TieredStopAtLevel=1, -cp, /programs/FILE, Main"));

    /** What the first comment of a program says. */
    record Header(
            String what,
            Outcome expect,
            @Nullable Outcome today,
            @Nullable String note,
            @Nullable String from,
            @Nullable String before,
            @Nullable String after,
            @Nullable String exec,
            @Nullable Map<String, String> annotations,
            @Nullable ObjectNode pod) {}

    static List<Program> all() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> LANGUAGES.containsKey(extension(file)))
                    .map(Program::read)
                    .sorted((one, other) -> one.name.compareTo(other.name))
                    .toList();
        }
    }

    private static Program read(Path file) {
        try {
            String comment = Files.readString(file)
                    .lines()
                    .takeWhile(line -> line.startsWith("#") || line.startsWith("//"))
                    .map(line -> line.replaceFirst("^(#|//) ?", ""))
                    .collect(Collectors.joining("\n"));
            String[] parts = comment.split("(?m)^" + MARK + "$", -1);
            if (parts.length != 3) {
                throw new IOException(
                        file + ": its first comment has " + (parts.length - 1) + " lines '" + MARK + "', expected 2");
            }
            String name = file.getFileName().toString();
            return new Program(
                    name.substring(0, name.lastIndexOf('.')), extension(file), YAML.readValue(parts[1], Header.class));
        } catch (IOException e) {
            throw new IllegalStateException(file + ": " + e.getMessage(), e);
        }
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** What is so now. */
    Outcome outcome() {
        return header.today == null ? header.expect : header.today;
    }

    /** Of its function and its instance. */
    String instance() {
        return "program-" + name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    static List<String> paths(@Nullable String list) {
        return list == null ? List.of() : List.of(list.split(", *"));
    }

    /** @param images their references by their names */
    Deployment function(Map<String, String> images) throws IOException {
        Language kind = Objects.requireNonNull(LANGUAGES.get(language), language);
        String text = Files.readString(FOLDER.resolve("template.yaml"))
                .replace("NAME", instance())
                .replace("COMMAND", kind.command.replace("FILE", name))
                .replace("IMAGE", Objects.requireNonNull(images.get(kind.image), kind.image));
        ObjectNode function = (ObjectNode) YAML.readTree(text);
        function.withObject("/metadata").set("annotations", YAML.valueToTree(header.annotations));
        if (header.pod != null) {
            add(function.withObject("/spec/template/spec"), header.pod);
        }
        return Serialization.unmarshal(function.toString(), Deployment.class);
    }

    private static void add(ObjectNode pod, ObjectNode more) {
        ObjectNode further = ((ObjectNode) pod.at("/containers/0")).deepCopy();
        further.remove(List.of("ports", "readinessProbe"));
        merge(pod, more.deepCopy().without(List.of("containers", "initContainers")));
        for (String list : List.of("containers", "initContainers")) {
            for (JsonNode container : more.path(list)) {
                merge(named(pod.withArray(list), container.path("name").asText(), further), (ObjectNode) container);
            }
        }
    }

    private static ObjectNode named(ArrayNode containers, String name, ObjectNode further) {
        for (JsonNode container : containers) {
            if (container.path("name").asText().equals(name)) {
                return (ObjectNode) container;
            }
        }
        containers.add(further.deepCopy());
        return (ObjectNode) containers.get(containers.size() - 1);
    }

    /** As a JSON merge patch does. */
    private static void merge(ObjectNode target, ObjectNode more) {
        more.properties().forEach(entry -> {
            JsonNode old = target.get(entry.getKey());
            if (old instanceof ObjectNode was && entry.getValue() instanceof ObjectNode now) {
                merge(was, now);
            } else if (entry.getValue().isNull()) {
                target.remove(entry.getKey());
            } else {
                target.set(entry.getKey(), entry.getValue());
            }
        });
    }

    @Override
    public String toString() {
        return name;
    }
}
