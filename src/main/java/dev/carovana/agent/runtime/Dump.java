// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One container's dump by {@code runc checkpoint}, whose process waits for the word. It can never be cancelled. */
public final class Dump implements AutoCloseable {
    /**
     * The process leaves the agent's own cgroups: an agent that is killed must not take CRIU along in the middle of a
     * dump, with its code still in the function's processes. To the node's root, since runc works below its own cgroup.
     */
    private static final String LEAVE_AGENT = "for c in /sys/fs/cgroup /sys/fs/cgroup/*; do"
            + " [ -w $c/cgroup.procs ] && echo $$ > $c/cgroup.procs; done 2>/dev/null; ";

    private final PreparedCommand command;
    private final Path folder;

    private Dump(PreparedCommand command, Path folder) {
        this.command = command;
        this.folder = folder;
    }

    /** @param folder of the container, below the migration's images; the same path on the node */
    public static Dump prepare(AgentConfig config, Node node, String containerId, Path folder) throws IOException {
        Path images = Journal.createPrivate(folder.resolve("checkpoint"));
        PreparedCommand command = PreparedCommand.start(
                node.prefix(),
                LEAVE_AGENT,
                List.of(
                        "runc",
                        "--root",
                        config.runcRoot(),
                        "checkpoint",
                        "--leave-running",
                        "--tcp-established",
                        "--ext-unix-sk",
                        "--file-locks",
                        "--image-path",
                        images.toString(),
                        "--work-path",
                        folder.toString(),
                        containerId),
                folder.resolve("runc.out"));
        return new Dump(command, folder);
    }

    public Path images() {
        return folder.resolve("checkpoint");
    }

    /** Dumps, and waits for the end of it. */
    public void run() throws IOException {
        CompletableFuture<Node.Result> end = command.go();
        Node.Result result = end.join();
        if (result.exitCode() != 0) {
            throw new IOException(
                    "runc checkpoint ended with " + result.exitCode() + ": " + result.output() + "; " + criuErrors());
        }
    }

    /** Ends a dump that was not asked for; one that runs goes on. */
    @Override
    public void close() {
        command.close();
    }

    private String criuErrors() {
        try (Stream<String> lines = Files.lines(folder.resolve("dump.log"))) {
            return lines.filter(line -> line.contains("Error (") && !line.contains("RLIMIT_NOFILE"))
                    .limit(5)
                    .collect(Collectors.joining("; "));
        } catch (IOException e) {
            return "no dump.log: " + e.getMessage();
        }
    }

    /** Waits for dumps into a folder that an agent before this one may have begun: they go on without it. */
    public static void awaitAll(Path folder) {
        ProcessHandle.allProcesses()
                .filter(p -> p.info().arguments().stream()
                        .flatMap(Stream::of)
                        .anyMatch(argument -> argument.startsWith(folder.toString())))
                .map(ProcessHandle::onExit)
                .toList()
                .forEach(CompletableFuture::join);
    }
}
