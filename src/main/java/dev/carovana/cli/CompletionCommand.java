// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets shells complete. */
@Command(name = "completion", description = "Prints what a shell has to read: source <(carovana completion bash)")
final class CompletionCommand implements Callable<Integer> {
    enum Shell {
        bash,
        zsh
    }

    @Spec
    private @Nullable CommandSpec spec;

    /** The one text serves both: it turns on zsh's emulation of bash itself. */
    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private @Nullable Shell shell;

    @Override
    public Integer call() {
        CommandSpec root = Objects.requireNonNull(spec).root();
        root.commandLine().getOut().print(AutoComplete.bash(root.name(), root.commandLine()));
        root.commandLine().getOut().flush();
        return 0;
    }
}
