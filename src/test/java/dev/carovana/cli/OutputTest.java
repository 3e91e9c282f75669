// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

class OutputTest {
    private static final String SITES =
            """
            [{"name": "edge-a", "ready": true, "cordoned": true, "instances": 12, "zones": ["zone-a", "cell-1"],
              "limits": {"maxInstances": 20}, "agents": [{"node": "n1"}, {"node": "n2"}],
              "location": {"latitude": "43.7167", "longitude": "10.4"},
              "drained": {"moved": 3, "total": 15, "remaining": 12, "failed": []}},
             {"name": "edge-with-a-long-name", "ready": false, "cordoned": false, "zones": [], "agents": [],
              "conditions": [{"type": "Ready", "status": "False", "message": "no agent is connected"}]}]""";

    private static JsonNode json(String text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Kind kind(String name) {
        return new Kind.Converter().convert(name);
    }

    private static String table(String kind, boolean wide, boolean namespace, JsonNode objects) {
        Kind of = kind(kind);
        List<List<String>> rows = java.util.stream.StreamSupport.stream(objects.spliterator(), false)
                .map(object -> of.row(object, wide, namespace))
                .toList();
        List<String> headers = of.headers(wide, namespace);
        Table table = new Table(headers, rows);
        StringBuilder text = new StringBuilder(table.line(headers)).append('\n');
        rows.forEach(row -> text.append(table.line(row)).append('\n'));
        return text.toString();
    }

    @Test
    void columnsAreAligned() {
        assertThat(table("sites", false, false, json(SITES)))
                .isEqualTo(
                        """
                        NAME                    READY   INSTANCES   CORDONED   DRAINED
                        edge-a                  true    12          true       3/15
                        edge-with-a-long-name   false   <none>      false      <none>
                        """);
    }

    @Test
    void aWideTableHasMore() {
        assertThat(table("site", true, false, json(SITES)))
                .isEqualTo(
                        """
                        NAME                    READY   INSTANCES   CORDONED   DRAINED   LIMIT    ZONES           NODES    LATITUDE   LONGITUDE   MESSAGE
                        edge-a                  true    12          true       3/15      20       zone-a,cell-1   n1,n2    43.7167    10.4        <none>
                        edge-with-a-long-name   false   <none>      false      <none>    <none>   <none>          <none>   <none>     <none>      no agent is connected
                        """);
    }

    @Test
    void aWideTableSaysWhyAnInstanceIsNotReady() {
        JsonNode instances = json(
                """
                [{"name": "cart-1", "phase": "Pending", "conditions": [
                   {"type": "UpToDate", "status": "False", "message": "old"},
                   {"type": "Ready", "status": "False", "message": "site edge-b: spec.cordoned is true"}]},
                 {"name": "cart-2", "phase": "Running", "conditions": [
                   {"type": "Ready", "status": "True", "message": "pod cart-2-1 is Running"}]}]""");

        assertThat(table("fi", true, false, instances))
                .contains("<none>      site edge-b: spec.cordoned is true\n")
                .doesNotContain("old", "is Running");
    }

    @Test
    void theNamespaceIsAColumnWhenThereAreSeveral() {
        JsonNode migrations = json(
                """
                [{"namespace": "functions", "name": "cart-1-2", "instance": "cart-1", "to": "edge-b", "phase": "RolledBack",
                  "totalMillis": 1234.5, "reason": "DumpFailed", "message": "CRIU\\n said no", "why": "Drain"}]""");

        assertThat(table("mig", false, true, migrations))
                .isEqualTo(
                        """
                        NAMESPACE   NAME       INSTANCE   FROM     TO       PHASE        FREEZE   TOTAL
                        functions   cart-1-2   cart-1     <none>   edge-b   RolledBack   <none>   1235ms
                        """);
        assertThat(table("mig", true, false, migrations)).contains("DumpFailed   CRIU said no\n");
    }

    @Test
    void aLaterRowWithALongerCellDoesNotBreakTheLine() {
        Table table = new Table(List.of("NAME", "PHASE"), List.of(List.of("a", "Running")));

        assertThat(table.line(List.of("a-long-name", "Running"))).isEqualTo("a-long-name   Running");
    }

    @Test
    void otherFormats() {
        Kind sites = kind("sites");
        JsonNode all = json(SITES);

        assertThat(Format.name.text(sites, all)).isEqualTo("site/edge-a\nsite/edge-with-a-long-name\n");
        assertThat(Format.name.text(sites, all.get(0))).isEqualTo("site/edge-a\n");
        assertThat(json(Format.json.text(sites, all))).isEqualTo(all);
        assertThat(Format.yaml.text(sites, all.get(0)))
                .startsWith("---\nname: \"edge-a\"\nready: true\n")
                .contains("zones:\n- \"zone-a\"\n- \"cell-1\"\n");
    }

    @ParameterizedTest
    @CsvSource({
        "cart, apps/v1, Deployment, cart",
        "deployment/cart, apps/v1, Deployment, cart",
        "Deployment/cart, apps/v1, Deployment, cart",
        "Service/cart, serving.knative.dev/v1, Service, cart",
        "function/cart, openfaas.com/v1, Function, cart",
    })
    void functions(String text, String apiVersion, String kind, String name) {
        JsonNode function = Functions.reference(text);

        assertThat(function.path("apiVersion").asText()).isEqualTo(apiVersion);
        assertThat(function.path("kind").asText()).isEqualTo(kind);
        assertThat(function.path("name").asText()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({"250ms, 250", "90s, 90000", "5m, 300000", "2h, 7200000"})
    void durations(String text, long millis) {
        assertThat(new Waiting.Seconds().convert(text).toMillis()).isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource({"90", "s", "-5s", "5 m", "1d"})
    void noDurations(String text) {
        assertThatThrownBy(() -> new Waiting.Seconds().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("expected a duration");
    }

    @Test
    void aProblemIsToldWithItsFields() {
        Failure failure = Problems.refused(
                422,
                """
                {"type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": "two fields are wrong",
                 "errors": [{"field": "to", "value": "edge-z", "expected": "one of the sites edge-a, edge-b"},
                            {"field": "user", "expected": "must not be blank"}]}""");

        assertThat(failure.exitCode()).isEqualTo(1);
        assertThat(failure)
                .hasMessage(
                        """
                        Unprocessable Content: two fields are wrong
                          to: 'edge-z', expected one of the sites edge-a, edge-b
                          user: must not be blank""");
    }

    @Test
    void anAnswerOfSomethingElseIsToldAsItIs() {
        assertThat(Problems.refused(502, "<html>Bad gateway</html>\n"))
                .hasMessage("the server answered 502, and not as Carovana does: <html>Bad gateway</html>");
        assertThat(Problems.refused(404, "x".repeat(1000)).getMessage()).hasSizeLessThan(600);
    }
}
