// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says that a user has moved. */
@Command(name = "event", description = "Sends a mobility event: a user has moved, and their instances follow.")
final class EventCommand extends ServerCommand {
    @Option(names = "--user", required = true, paramLabel = "USER", description = "The user's id.")
    private String user = "";

    @ArgGroup(multiplicity = "1")
    private @Nullable Place place;

    /** Where the user is now: one of the two. */
    static final class Place {
        @Option(names = "--to", paramLabel = "SITE", description = "The site where the user is now.")
        private @Nullable String site;

        @Option(
                names = "--zone",
                paramLabel = "ZONE",
                description = "The zone where the user is now, of a site's zones.")
        private @Nullable String zone;

        ObjectNode where() {
            return site != null ? object().put("cluster", site) : object().put("zone", zone);
        }
    }

    @Override
    int run(Server server) {
        ObjectNode data = object();
        data.set("user", object().put("id", user));
        data.set("to", Objects.requireNonNull(place).where());
        ObjectNode event = object().put("specversion", "1.0")
                .put("id", UUID.randomUUID().toString())
                .put("source", "//carovana.dev/cli")
                .put("type", "dev.carovana.user.moved.v1");
        event.set("data", data);
        JsonNode answer = server.post("/events", "application/cloudevents+json", event);
        for (JsonNode accepted : answer.path("accepted")) {
            out().println("instance/" + accepted.path("instance").asText() + " in namespace "
                    + accepted.path("namespace").asText() + " goes to site "
                    + accepted.path("site").asText());
        }
        for (JsonNode refused : answer.path("refused")) {
            err().println(refused.path("code").asText() + ": "
                    + refused.path("message").asText());
        }
        return answer.path("refused").isEmpty() ? 0 : Failure.REFUSED;
    }
}
