// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

/** How objects are printed; named as in {@code -o}. */
enum Format {
    table,
    wide,
    json,
    yaml,
    name;

    boolean isTable() {
        return this == table || this == wide;
    }

    /** An object, or a list of objects, as text that ends with a line's end. */
    String text(Kind kind, JsonNode objects) {
        try {
            return switch (this) {
                case json ->
                    JsonMapper.builder()
                                    .build()
                                    .writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(objects) + "\n";
                case yaml -> YAMLMapper.builder().build().writeValueAsString(objects);
                case name -> names(kind, objects);
                case table, wide -> throw new IllegalStateException("rows are made one by one");
            };
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // it was parsed from JSON
        }
    }

    private static String names(Kind kind, JsonNode objects) {
        StringBuilder names = new StringBuilder();
        if (objects.isArray()) {
            objects.forEach(object -> names.append(names(kind, object)));
        } else {
            names.append(kind.singular())
                    .append('/')
                    .append(objects.path("name").asText())
                    .append('\n');
        }
        return names.toString();
    }
}
