// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts instances. */
@Command(
        name = "create",
        description = "Starts an instance.",
        synopsisSubcommandLabel = "instance",
        subcommands = CreateCommand.Instance.class)
final class CreateCommand {
    @Command(name = "instance", description = "Starts a user's instance of a function.")
    static final class Instance extends ServerCommand.Namespaced {
        @Option(
                names = "--function",
                required = true,
                paramLabel = "[KIND/]NAME",
                description = "A Deployment (the default), Service (of Knative) or Function (of OpenFaaS).")
        private String function = "";

        @Option(names = "--user", required = true, paramLabel = "USER", description = "The user's id.")
        private String user = "";

        @Option(
                names = "--site",
                paramLabel = "SITE",
                description = "Where it starts; the least loaded site that can take it if absent.")
        private @Nullable String site;

        @Override
        int run(Server server) {
            ObjectNode wanted = object().put("namespace", namespace()).put("user", user);
            wanted.set("function", Functions.reference(function));
            if (site != null) {
                wanted.put("site", site);
            }
            JsonNode made = server.post("/api/v1/instances", wanted);
            out().println("instance/" + made.path("name").asText() + " created at site "
                    + made.path("wantedSite").asText());
            return 0;
        }
    }
}
