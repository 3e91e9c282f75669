// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that asks the server for something. */
abstract class ServerCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    /** Does it; answers the exit code. */
    abstract int run(Server server);

    @Override
    public final Integer call() {
        return run(root().connect());
    }

    final CarovanaCommand root() {
        return (CarovanaCommand) spec().root().userObject();
    }

    final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A command about an object of a namespace. */
    abstract static class Namespaced extends ServerCommand {
        @Option(
                names = {"-n", "--namespace"},
                paramLabel = "NAMESPACE",
                description = "The object's namespace; CAROVANA_NAMESPACE, or default.")
        private @Nullable String namespace;

        final String namespace() {
            return namespace != null ? namespace : root().namespace();
        }

        /** The path of an object of the namespace. */
        final String path(String plural, String name) {
            return "/api/v1/" + plural + "/" + Server.encoded(namespace()) + "/" + Server.encoded(name);
        }
    }
}
