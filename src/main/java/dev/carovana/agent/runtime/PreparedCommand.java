// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A command whose process is started ahead and waits for the word: entering namespaces and forking from a large process
 * cost milliseconds that a freeze should not have.
 */
public final class PreparedCommand implements AutoCloseable {
    private final Process process;
    private final String word;
    private final Path output;

    private PreparedCommand(Process process, String word, Path output) {
        this.process = process;
        this.word = word;
        this.output = output;
    }

    /**
     * @param command reads its standard input, and does nothing if it is empty
     * @param word the whole input, which comes at {@link #go}
     * @param output where the command's output is kept
     */
    public static PreparedCommand start(List<String> command, String word, Path output) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new PreparedCommand(process, word, output);
    }

    /** Gives the word; the result comes when the command has ended. It cannot be cancelled any more. */
    public CompletableFuture<Node.Result> go() {
        CompletableFuture<Process> ended = process.onExit();
        try {
            process.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().close();
        } catch (IOException e) {
            // it ended before the word: its output says why
        }
        return ended.thenApply(p -> new Node.Result(p.exitValue(), text()));
    }

    /** The processes of the command, as far as there are some now. */
    Stream<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
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
