// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ScopeType;

/** {@code carovana}: sites, instances and migrations from a terminal. */
@Command(
        name = "carovana",
        description = "Shows function instances and moves them between edge sites, through the controller's REST API.",
        synopsisSubcommandLabel = "COMMAND",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = CarovanaCommand.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:refused by the server, or what was waited for has not come about",
            "2:wrong usage",
            "3:the server does not answer, or has ended a watch",
        },
        subcommands = {
            GetCommand.class,
            CreateCommand.class,
            DeleteCommand.class,
            MoveCommand.class,
            PreflightCommand.class,
            AbortCommand.class,
            SiteCommands.Cordon.class,
            SiteCommands.Uncordon.class,
            DrainCommand.class,
            EventCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
        })
public final class CarovanaCommand {
    private final Map<String, String> environment;

    @Mixin
    private final Connection connection;

    private CarovanaCommand(Map<String, String> environment) {
        this.environment = environment;
        this.connection = new Connection(environment);
    }

    public static void main(String[] args) {
        System.exit(run(System.getenv(), writer(System.out), writer(System.err), args));
    }

    /** Runs one command; answers its exit code. */
    static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
        return new CommandLine(new CarovanaCommand(environment))
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    if (!(e instanceof Failure failure)) {
                        throw e;
                    }
                    err.println("carovana: " + failure.getMessage());
                    return failure.exitCode();
                })
                .execute(args);
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, stream.charset()), true);
    }

    Server connect() {
        return connection.open();
    }

    /** Where the caller's objects are when no option says it. */
    String namespace() {
        return environment.getOrDefault("CAROVANA_NAMESPACE", "default");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = CarovanaCommand.class.getPackage().getImplementationVersion();
            return new String[] {"carovana " + Objects.requireNonNullElse(version, "(not packaged)")};
        }
    }
}
