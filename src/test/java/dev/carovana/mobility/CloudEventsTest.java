// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudEventsTest {
    private static final String WHOLE =
            """
            {"specversion":"1.0","id":"e-42","source":"//ran/site-a","type":"dev.carovana.user.moved.v1",
             "time":"2026-11-24T03:00:00Z","sequence":"0000000017","expirytime":"2026-11-24T04:00:30+01:00",
             "datacontenttype":"application/json","partitionkey":"user:alice",
             "data":{"user":{"id":"alice","ip":"10.0.0.1"},"from":{"cluster":"edge-a"},
                     "to":{"cluster":"edge-b","zone":"zone-b"},"phase":"in-progress","confidence":0.9}}""";

    private static final MobilityEvent READ = new MobilityEvent(
            new Origin("//ran/site-a", "e-42", "0000000017", Instant.parse("2026-11-24T03:00:00Z")),
            Kind.MOVE,
            Set.of("alice"),
            new Target.Site("edge-b"),
            Instant.parse("2026-11-24T03:00:30Z"),
            null);

    private static MobilityEvent plain(String source, String id, Target to) {
        return new MobilityEvent(new Origin(source, id, null, null), Kind.MOVE, Set.of("alice"), to, null, null);
    }

    private static MobilityEvent structured(String text) throws MalformedEventException {
        return MovedEvents.read(CloudEvents.structured(text.getBytes(UTF_8)));
    }

    @Test
    void structuredMode() throws Exception {
        assertThat(structured(WHOLE)).isEqualTo(READ);
    }

    @Test
    void dataInBase64() throws Exception {
        assertThat(
                        structured(
                                """
                        {"specversion":"1.0","id":"1","source":"s","type":"dev.carovana.user.moved.v1",
                         "data_base64":"eyJ1c2VyIjp7ImlkIjoiYWxpY2UifSwidG8iOnsiem9uZSI6InoifX0="}"""))
                .isEqualTo(plain("s", "1", new Target.Zone(List.of("z"))));
    }

    @Test
    void batchMode() throws Exception {
        byte[] two = ("[" + WHOLE + "," + WHOLE.replace("e-42", "e-43") + "]").getBytes(UTF_8);

        assertThat(CloudEvents.batch(two)).extracting(e -> e.required("id")).containsExactly("e-42", "e-43");
        assertThat(CloudEvents.batch("[]".getBytes(UTF_8))).isEmpty();
    }

    @Test
    void binaryMode() throws Exception {
        Map<String, String> headers = new HashMap<>();
        headers.put("Host", "example");
        headers.put("CE-SpecVersion", "1.0");
        headers.put("ce-id", "n%C3%BAmero 1+1");
        headers.put("ce-source", "//ran");
        headers.put("ce-type", "dev.carovana.user.moved.v1");
        byte[] data = "{\"user\":{\"id\":\"alice\"},\"to\":{\"cluster\":\"edge-b\"}}".getBytes(UTF_8);

        MobilityEvent event = MovedEvents.read(CloudEvents.binary(headers, "application/json; charset=utf-8", data));

        assertThat(event).isEqualTo(plain("//ran", "número 1+1", new Target.Site("edge-b")));
    }

    private static CloudEvent binary(String id) throws MalformedEventException {
        Map<String, String> headers =
                Map.of("ce-specversion", "\"1.0\"", "ce-id", id, "ce-source", "//ran", "ce-type", "\"t\"");
        return CloudEvents.binary(headers, "application/json", "{}".getBytes(UTF_8));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "plain|plain",
                "a%20b+c|a b+c",
                "Euro%20%E2%82%AC%20%f0%9f%98%80|Euro € 😀",
                "%2525|%25",
                "\"quoted\"|quoted",
                "\"Euro%20%E2%82%AC\"|Euro €",
                "\"a \\\"b\\\" \\\\c\"|a \"b\" \\c",
                "%22kept%22|\"kept\"",
                "a \"b\" c|a \"b\" c",
                "\"|\"",
                "Jos\u00c3\u00a9|José",
            })
    void valuesOfHeadersAreDecodedOnce(String header, String expected) throws Exception {
        CloudEvent event = binary(header);

        assertThat(event.required("id")).isEqualTo(expected);
        assertThat(event.required("type")).isEqualTo("t");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "a%2", "%zz", "%-1", "%C3", "%FF", "Jos\u00e9"})
    void aValueThatIsNotEncodedUtf8IsMalformed(String header) {
        MalformedEventException e = catchThrowableOfType(MalformedEventException.class, () -> binary(header));

        assertThat(e).isNotNull();
        assertThat(e.attribute()).isEqualTo("ce-id");
    }

    @ParameterizedTest(name = "{0} for {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "\"specversion\":\"1.0\"|\"specversion\":\"0.3\"|specversion",
                "\"id\":\"e-42\",|'|id",
                "\"id\":\"e-42\"|\"id\":\"\"|id",
                "\"id\":\"e-42\"|\"id\":{}|id",
                "\"id\":\"e-42\"|\"id\":null|id",
                "//ran/site-a|ran site|source",
                "\"type\":\"dev.carovana.user.moved.v1\",|'|type",
                "2026-11-24T03:00:00Z|yesterday|time",
                "2026-11-24T04:00:30+01:00|30|expirytime",
                "\"application/json\"|\"text/xml\"|datacontenttype",
                "partitionkey|partition_key|partition_key",
                "{\"id\":\"alice\",|{|data.user.id",
                "\"id\":\"alice\"|\"id\":7|data.user.id",
                "\"id\":\"alice\"|\"id\":\" \"|data.user.id",
                "{\"cluster\":\"edge-b\",\"zone\":\"zone-b\"}|{}|data.to",
                "\"zone\":\"zone-b\"|\"zone\":[]|data.to.zone",
                "in-progress|soon|data.phase",
                "0000000017|half \\uD83D|sequence",
                "\"confidence\":0.9|\"expectedAt\":\"soon\"|data.expectedAt",
                "\"confidence\":0.9}}|\"confidence\":|body",
                "\"confidence\":0.9}}|\"confidence\":0.9}}}|body",
            })
    void namesWhatIsMalformed(String part, String replacement, String attribute) {
        String text = WHOLE.replace(part, replacement.equals("'") ? "" : replacement);
        assertThat(text).isNotEqualTo(WHOLE);

        MalformedEventException e = catchThrowableOfType(MalformedEventException.class, () -> structured(text));

        assertThat(e).isNotNull();
        assertThat(e.attribute()).isEqualTo(attribute);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"predicted, PREPARE", "in-progress, MOVE", "completed, MOVE", "cancelled, ABORT"})
    void aPhaseIsAKind(String phase, Kind kind) throws Exception {
        assertThat(structured(WHOLE.replace("in-progress", phase)).kind()).isEqualTo(kind);
    }

    @Test
    void whatIsCancelledNeedsNoPlace() throws Exception {
        String text =
                WHOLE.replace("in-progress", "cancelled").replace("{\"cluster\":\"edge-b\",\"zone\":\"zone-b\"}", "{}");

        assertThat(structured(text).to()).isEqualTo(new Target.Nowhere());
    }

    @Test
    void namesTheEventOfABatch() {
        byte[] body = ("[" + WHOLE + ",{}]").getBytes(UTF_8);

        MalformedEventException e = catchThrowableOfType(MalformedEventException.class, () -> CloudEvents.batch(body));

        assertThat(e.attribute()).isEqualTo("[1].specversion");
    }

    @Test
    void percentEncodingThatIsNone() {
        Map<String, String> headers = Map.of("ce-id", "100%");

        MalformedEventException e = catchThrowableOfType(
                MalformedEventException.class, () -> CloudEvents.binary(headers, null, new byte[0]));

        assertThat(e.attribute()).isEqualTo("ce-id");
    }
}
