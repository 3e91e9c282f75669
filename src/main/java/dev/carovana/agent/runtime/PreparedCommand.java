// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A command whose process is started ahead and waits for the word: entering namespaces and forking from a large process
 * cost milliseconds that a freeze should not have.
 */
public final class PreparedCommand implements AutoCloseable {
    /** Whatever was prepared before the word; then the command takes the shell's place. */
    private static final String WAIT = "read -r word && exec \"$@\"";

    private final Process process;
    private final Path output;

    private PreparedCommand(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * @param prefix enters the namespaces
     * @param setup shell commands that run now
     * @param command runs at {@link #go}
     * @param output where the command's output is kept
     */
    public static PreparedCommand start(List<String> prefix, String setup, List<String> command, Path output)
            throws IOException {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of("sh", "-c", setup + WAIT, "sh"));
        all.addAll(command);
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new PreparedCommand(process, output);
    }

    /** Gives the word; the result comes when the command has ended. It cannot be cancelled any more. */
    public CompletableFuture<Node.Result> go() {
        CompletableFuture<Process> ended = process.onExit();
        try {
            process.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().close();
        } catch (IOException e) {
            // it ended before the word: its output says why
        }
        return ended.thenApply(p -> new Node.Result(p.exitValue(), text()));
    }

    private String text() {
        try {
            return Files.readString(output).strip();
        } catch (IOException e) {
            return "no output: " + e.getMessage();
        }
    }

    /** Lets a command that was never given the word end without having run. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroy();
        }
    }
}
