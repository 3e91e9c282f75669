// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs commands on the node.
 *
 * @param root where the agent sees the node's root
 * @param prefix put before a command that must run in the node's namespaces
 */
public record Node(Path root, List<String> prefix) {
    /** The output of a command, both streams, and how it ended. */
    public record Result(int exitCode, String output) {
        boolean ok() {
            return exitCode == 0;
        }

        /** The output, of a command that has to succeed. */
        public String orThrow() throws IOException {
            if (!ok()) {
                throw new IOException(output);
            }
            return output;
        }
    }

    public Node {
        prefix = List.copyOf(prefix);
    }

    /**
     * A path of the node as the agent sees it. Absolute symbolic links do not lead where they lead on the node, so the
     * usual one is followed here.
     */
    public Path see(String path) {
        String resolved = path.startsWith("/var/run/") ? path.substring("/var".length()) : path;
        return root.resolve(resolved.substring(1));
    }

    /** Runs a command in the node's namespaces. */
    public Result run(List<String> command) throws IOException {
        return execute(onNode(command));
    }

    /** Runs a command of the agent's own image in a network namespace, given by the agent's view of its file. */
    public Result runInNetwork(Path namespace, List<String> command) throws IOException {
        return execute(inNetwork(namespace, command));
    }

    public List<String> onNode(List<String> command) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(command);
        return all;
    }

    public static List<String> inNetwork(Path namespace, List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + namespace, "--"));
        all.addAll(command);
        return all;
    }

    /** Runs a command to its end, with nothing on its standard input. */
    public static Result execute(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = process.getOutputStream()) {
            in.flush();
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(waitFor(process), output.strip());
    }

    static int waitFor(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for process " + process.pid(), e);
        }
    }
}
