// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Stops a migration. */
@Command(name = "abort", description = "Stops a migration before its handover; the instance runs on where it is.")
final class AbortCommand extends ServerCommand.Namespaced {
    @Parameters(paramLabel = "MIGRATION", description = "Its name.")
    private String name = "";

    @Override
    int run(Server server) {
        server.delete(path("migrations", name));
        out().println("migration/" + name + " is being aborted");
        return 0;
    }
}
