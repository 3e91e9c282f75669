// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Whether a site takes instances. */
final class SiteCommands {
    private SiteCommands() {}

    /** A command about one site. */
    abstract static class OfSite extends ServerCommand {
        @Parameters(paramLabel = "SITE", description = "Its name.")
        private String site = "";

        final String site() {
            return site;
        }

        final String path() {
            return "/api/v1/sites/" + Server.encoded(site);
        }
    }

    @Command(name = "cordon", description = "Lets no instance start at a site or move there.")
    static final class Cordon extends OfSite {
        @Override
        int run(Server server) {
            server.post(path() + "/cordon", object());
            out().println("site/" + site() + " cordoned");
            return 0;
        }
    }

    @Command(name = "uncordon", description = "Lets a site take instances again; ends its drain.")
    static final class Uncordon extends OfSite {
        @Override
        int run(Server server) {
            server.post(path() + "/uncordon", object());
            out().println("site/" + site() + " uncordoned");
            return 0;
        }
    }
}
