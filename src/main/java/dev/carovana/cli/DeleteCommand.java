// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stops instances. */
@Command(
        name = "delete",
        description = "Stops an instance.",
        synopsisSubcommandLabel = "instance",
        subcommands = DeleteCommand.Instance.class)
final class DeleteCommand {
    @Command(name = "instance", description = "Stops an instance; its state is lost.")
    static final class Instance extends ServerCommand.Namespaced {
        @Parameters(paramLabel = "INSTANCE", description = "Its name.")
        private String name = "";

        @Override
        int run(Server server) {
            server.delete(path("instances", name));
            out().println("instance/" + name + " deleted");
            return 0;
        }
    }
}
