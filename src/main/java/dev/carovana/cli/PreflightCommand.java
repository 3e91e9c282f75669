// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks whether a move would begin. */
@Command(name = "preflight", description = "Says what speaks against a move, without moving; then the exit code is 1.")
final class PreflightCommand extends ServerCommand.Namespaced {
    private static final List<String> HEADERS = List.of("REASON", "MESSAGE");

    @Parameters(paramLabel = "INSTANCE", description = "Its name.")
    private String instance = "";

    @Option(names = "--to", required = true, paramLabel = "SITE", description = "The destination.")
    private String to = "";

    @Override
    int run(Server server) {
        JsonNode answer = server.post(
                "/api/v1/migrations:preflight",
                object().put("namespace", namespace()).put("instance", instance).put("to", to));
        if (answer.path("ok").asBoolean()) {
            out().println("instance/" + instance + " can move to site " + to);
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        answer.path("reasons")
                .forEach(reason -> rows.add(List.of(
                        reason.path("code").asText(), reason.path("message").asText())));
        Table table = new Table(HEADERS, rows);
        out().println(table.line(HEADERS));
        rows.forEach(row -> out().println(table.line(row)));
        return Failure.REFUSED;
    }
}
