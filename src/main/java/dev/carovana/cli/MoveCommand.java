// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves an instance. */
@Command(name = "move", description = "Moves an instance to another site.")
final class MoveCommand extends ServerCommand.Namespaced {
    private static final Set<String> ENDS = Set.of("Succeeded", "RolledBack", "Aborted", "Failed");

    @Parameters(paramLabel = "INSTANCE", description = "Its name.")
    private String instance = "";

    @Option(names = "--to", required = true, paramLabel = "SITE", description = "The destination.")
    private String to = "";

    @Mixin
    private final Waiting waiting = new Waiting();

    private JsonNode seen = MissingNode.getInstance();
    private int told;

    @Override
    int run(Server server) {
        JsonNode accepted = server.post(path("instances", instance) + "/migrations", object().put("to", to));
        if (accepted.path("withdrawn").asBoolean()) {
            out().println("instance/" + instance + " stays at site " + to + ": the move is taken back");
            return 0;
        }
        if (!accepted.hasNonNull("name")) {
            return awaitCopy(server);
        }
        String migration = accepted.path("name").asText();
        out().println("migration/" + migration + " requested");
        if (!waiting.isWanted()) {
            return 0;
        }
        boolean ended = waiting.until(() -> look(server, migration));
        String phase = seen.path("phase").asText("not begun");
        if (!ended) {
            throw new Failure(Failure.REFUSED, "the time is up: migration/" + migration + " is " + phase);
        }
        if (!phase.equals("Succeeded")) {
            throw new Failure(
                    Failure.REFUSED,
                    "migration/" + migration + " is " + phase + ": "
                            + seen.path("reason").asText() + ": "
                            + seen.path("message").asText());
        }
        out().printf(
                        Locale.ROOT,
                        "instance/%s is at site %s; it stood still for %.0f ms%n",
                        instance,
                        to,
                        seen.path("freezeMillis").asDouble());
        return 0;
    }

    /** The instance of a remote-state function: nothing migrates. */
    private int awaitCopy(Server server) {
        out().println("instance/" + instance + " is going to site " + to + ": a copy there serves it when it is ready");
        out().flush();
        if (!waiting.isWanted()) {
            return 0;
        }
        boolean served = waiting.until(() ->
                to.equals(server.get(path("instances", instance)).path("site").asText()));
        if (!served) {
            throw new Failure(Failure.REFUSED, "the time is up: instance/" + instance + " is not at site " + to);
        }
        out().println("instance/" + instance + " is at site " + to);
        return 0;
    }

    /** Tells the phases that have begun since the last look; true when the last one has. */
    private boolean look(Server server, String migration) {
        // a list, because the instance's reconciler may not have made it yet
        JsonNode all = server.get("/api/v1/migrations?namespace=" + Server.encoded(namespace()) + "&instance="
                + Server.encoded(instance));
        for (JsonNode found : all) {
            if (found.path("name").asText().equals(migration)) {
                seen = found;
            }
        }
        JsonNode phases = seen.path("transitions");
        for (; told < phases.size(); told++) {
            Duration since = Duration.between(at(phases.get(0)), at(phases.get(told)));
            out().printf(
                            Locale.ROOT,
                            "%8.3f s  %s%n",
                            since.toNanos() / 1e9,
                            phases.get(told).path("phase").asText());
            out().flush();
        }
        return ENDS.contains(seen.path("phase").asText());
    }

    private static Instant at(JsonNode transition) {
        return Instant.parse(transition.path("at").asText());
    }
}
