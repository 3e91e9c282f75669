// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.carovana.model.MobilityEvent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever somebody sends is an event, or is malformed in a field that is named: nothing else is thrown. */
class EventFuzzTest {
    private static final int ROUNDS = 3000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** Deeper than a reader takes. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(10_000).build())
            .build());

    static Stream<String> examples() {
        return Examples.names();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anEventOrAFieldThatIsWrong(String example) throws Exception {
        Random random = new Random(example.hashCode());
        int read = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            JsonNode document = JSON.readTree(Examples.text(example));
            for (int change = random.nextInt(3); change >= 0; change--) {
                mutate(document, random);
            }
            String text = torn(JSON.writeValueAsString(document), random);
            if (takes(example, text)) {
                read++;
            } else {
                refused++;
            }
        }
        // a mutation that never gets through, or never does harm, would prove nothing
        assertThat(read).as("read").isGreaterThan(ROUNDS / 50);
        assertThat(refused).as("refused").isGreaterThan(ROUNDS / 50);
    }

    private static boolean takes(String example, String text) {
        try {
            for (MobilityEvent event : Examples.read(example, text)) {
                assertThat(event.origin().source()).doesNotContain(" ").isNotEmpty();
                assertThat(event.subjects()).isNotEmpty().doesNotContain("");
            }
            return true;
        } catch (MalformedEventException e) {
            assertThat(e.attribute()).as(text).isNotBlank();
            assertThat(e.value().length()).as(text).isLessThan(200);
            return false;
        } catch (RuntimeException | StackOverflowError e) {
            return fail("of " + text.substring(0, Math.min(2000, text.length())), e);
        }
    }

    /** Something at a random place is dropped, replaced, doubled or wrapped. */
    private static void mutate(JsonNode document, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(document, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        if (container instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(4) == 0) {
                object.remove(name);
            } else {
                object.set(name, other(object.get(name), random));
            }
        } else if (container instanceof ArrayNode array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            if (random.nextInt(4) == 0) {
                array.remove(at);
            } else {
                array.set(at, other(array.get(at), random));
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode other(JsonNode old, Random random) {
        return switch (random.nextInt(18)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt(8));
            case 3 -> NODES.numberNode(-random.nextLong(Long.MAX_VALUE));
            case 4 -> NODES.numberNode(BigInteger.TWO.pow(70));
            case 5 -> NODES.numberNode(1e300);
            case 6 -> NODES.textNode("");
            case 7 -> NODES.textNode(" \t");
            case 8 -> NODES.textNode("x".repeat(random.nextInt(100_000)));
            case 9 -> NODES.textNode("\u0000\uD83D\uDE00\u202E\uFFFF e\u0301");
            case 10 ->
                NODES.textNode(List.of("%", ".:1", "::", "1:2", "[::1]", "http://", "9999-99-99T00:00:00Z")
                        .get(random.nextInt(7)));
            case 11 -> NODES.arrayNode();
            case 12 -> NODES.objectNode();
            case 13 -> NODES.arrayNode().add(old).add(old);
            case 14 -> NODES.objectNode().set("value", old);
            case 15 -> NODES.textNode(old.asText());
            case 16 -> NODES.textNode("half \uD83D");
            default -> deep(random.nextInt(1500));
        };
    }

    private static JsonNode deep(int levels) {
        JsonNode node = NODES.numberNode(1);
        for (int i = 0; i < levels; i++) {
            node = i % 2 == 0 ? NODES.arrayNode().add(node) : NODES.objectNode().set("a", node);
        }
        return node;
    }

    /** Now and then a text that ends early, or has a letter too many. */
    private static String torn(String text, Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> text.substring(0, random.nextInt(text.length()));
            case 1 -> {
                int at = random.nextInt(text.length());
                yield text.substring(0, at) + "{}[]\",:\\0é".charAt(random.nextInt(10)) + text.substring(at);
            }
            default -> text;
        };
    }
}
