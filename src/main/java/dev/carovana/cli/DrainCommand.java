// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Empties a site. */
@Command(
        name = "drain",
        description = "Cordons a site and moves every instance away; it goes on without this program until uncordon.")
final class DrainCommand extends SiteCommands.OfSite {
    /** Where the instances go; named as in the API. */
    enum Policy {
        Nearest,
        LeastLoaded
    }

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description = "Where they go, one of ${COMPLETION-CANDIDATES}; Nearest if absent.")
    private @Nullable Policy policy;

    @Option(
            names = "--max-concurrent",
            paramLabel = "N",
            description = "Most instances on their way at once; 2 if absent.")
    private @Nullable Integer maxConcurrent;

    @Mixin
    private final Waiting waiting = new Waiting();

    private JsonNode progress = MissingNode.getInstance();
    private String said = "";
    private final Set<JsonNode> failures = new HashSet<>();

    @Override
    int run(Server server) {
        ObjectNode wanted = object();
        if (policy != null) {
            wanted.put("policy", policy.name());
        }
        if (maxConcurrent != null) {
            wanted.put("maxConcurrent", maxConcurrent);
        }
        long generation =
                server.post(path() + "/drain", wanted).path("generation").asLong();
        out().println("site/" + site() + " is being drained");
        if (waiting.isWanted() && !waiting.until(() -> look(server.get(path()), generation))) {
            throw new Failure(
                    Failure.REFUSED,
                    "the time is up: " + progress.path("remaining").asText("all") + " instances are at site " + site());
        }
        return 0;
    }

    /** Tells what is new; true when the site is empty. */
    private boolean look(JsonNode site, long generation) {
        if (!site.has("drain")) {
            throw new Failure(Failure.REFUSED, "the drain of site " + site() + " was ended by somebody");
        }
        progress = site.path("drained");
        for (JsonNode failure : progress.path("failed")) {
            if (failures.add(failure)) {
                err().println("instance/" + failure.path("instance").asText() + " in namespace "
                        + failure.path("namespace").asText() + ": "
                        + failure.path("reason").asText() + ": "
                        + failure.path("message").asText());
            }
        }
        boolean empty = false;
        for (JsonNode condition : site.path("conditions")) {
            if (condition.path("type").asText().equals("Drained")) {
                empty = condition.path("status").asText().equals("True")
                        && condition.path("observedGeneration").asLong() >= generation;
                say(condition.path("message").asText());
            }
        }
        return empty;
    }

    private void say(String message) {
        if (!message.equals(said)) {
            out().println(message);
            out().flush();
            said = message;
        }
    }
}
