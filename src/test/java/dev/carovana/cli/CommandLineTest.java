// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says before it asks any server. */
class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String line) {
        return CarovanaCommand.run(
                Map.of("CAROVANA_URL", "http://localhost:1"),
                new PrintWriter(out),
                new PrintWriter(err),
                line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|Missing required subcommand",
                "fly|Unmatched argument",
                "get|Missing required parameter: 'KIND'",
                "get pods|expected one of sites, functions, instances, migrations",
                "get sites -o xml|expected one of [table, wide, json, yaml, name]",
                "get instances cart-1 -A|a NAME is of one namespace",
                "create instance --user alice|Missing required option: '--function=[KIND/]NAME'",
                "create instance --user alice --function CronJob/cart|one of the kinds Deployment, Service, Function",
                "create|Missing required subcommand",
                "move cart-1|Missing required option: '--to=SITE'",
                "move cart-1 --to edge-b --wait --timeout soon|expected a duration such as 90s or 5m",
                "drain|Missing required parameter: 'SITE'",
                "drain edge-a --policy Farthest|expected one of [Nearest, LeastLoaded]",
                "drain edge-a --max-concurrent many|is not an int",
                "event --user alice|Missing required argument (specify one of these)",
                "event --user alice --to edge-a --zone zone-b|mutually exclusive",
                "completion fish|expected one of [bash, zsh]",
            })
    void wrongUsage(String line, String message) {
        assertThat(run(line)).isEqualTo(2);
        assertThat(err.toString()).contains(message);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"get sites", "move cart-1 --to edge-b", "get sites --watch", "drain edge-a"})
    void aServerThatDoesNotAnswer(String line) {
        assertThat(run(line)).isEqualTo(3);
        assertThat(err.toString()).startsWith("carovana: no answer from http://localhost:1: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"get sites --server not-a-url", "get sites --token-file /nowhere", "get sites --ca /nowhere"})
    void aConnectionThatCannotBeMade(String line) {
        assertThat(run(line)).isEqualTo(2);
        assertThat(err.toString()).startsWith("carovana: ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get",
                "create instance",
                "delete instance",
                "move",
                "preflight",
                "abort",
                "cordon",
                "uncordon",
                "drain",
                "event",
                "completion",
                "version"
            })
    void everyCommandHasHelp(String command) {
        assertThat(run(command + " --help")).isZero();
        assertThat(out.toString())
                .startsWith("Usage: carovana " + command + " ")
                .contains("--server=URL", "Exit codes:", "  3   the server does not answer");
    }

    @Test
    void theCompletionKnowsCommandsOptionsAndValues() {
        assertThat(run("completion bash")).isZero();
        assertThat(out.toString()).contains("uncordon", "--max-concurrent", "LeastLoaded", "migrations");
    }

    @Test
    void theVersionIsThePackages() {
        assertThat(run("version")).isZero();
        assertThat(run("--version")).isZero();
        assertThat(out.toString())
                .isEqualTo("carovana (not packaged)%n".formatted().repeat(2));
    }
}
