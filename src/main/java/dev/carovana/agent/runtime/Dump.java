// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
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
    /**
     * The last thing that runc does before it starts CRIU is to write descriptors.json. That is a pipe here, at which runc
     * waits until somebody reads: so its own part, some 30 ms, is not in the freeze. The word opens the pipe; what runc
     * writes has been sent before. Without the word runc is killed, and has done nothing.
     */
    private static final String DUMP_AT_THE_WORD = "pipe=$1; shift; mkfifo -m 600 \"$pipe\" || exit 1; \"$@\" & "
            + "read -r word || { kill -KILL $!; exit 1; }; "
            + "exec 3<>\"$pipe\"; wait $!";
    /** Where the kernel keeps a process that opens a pipe whose other end is not open. */
    private static final String WAITS_AT_PIPE = "wait_for_partner";

    /**
     * With cgroup version 1 CRIU would mount every hierarchy to look for cgroups of the container, within the freeze. runc
     * makes the container's own; only a privileged one has others, and those are refused. With version 2 it is CRIU that makes
     * the container's cgroup namespace again.
     */
    private static final List<String> NO_CGROUPS = List.of("--manage-cgroups-mode", "ignore");

    private static final Duration POLL = Duration.ofMillis(2);

    private final PreparedCommand command;
    private final PreparedCommand look;
    private final RuncState container;
    private final Path folder;
    private final String streams;

    private Dump(PreparedCommand command, PreparedCommand look, RuncState container, Path folder, String streams) {
        this.command = command;
        this.look = look;
        this.container = container;
        this.folder = folder;
        this.streams = streams;
    }

    /**
     * @param folder of the container, below the migration's images; the same path on the node
     * @param streams {@link StreamSockets#options} of the pod
     */
    public static Dump prepare(AgentConfig config, Node node, RuncState container, Path folder, String streams)
            throws IOException {
        Path images = Journal.createPrivate(folder.resolve("checkpoint"));
        List<String> script = node.onNode(List.of("sh", "-c", LEAVE_AGENT + DUMP_AT_THE_WORD, "sh"));
        script.addAll(List.of(
                images.resolve(RuncState.DESCRIPTORS).toString(),
                "env",
                "CRIU_CONFIG_FILE=" + options(folder),
                "runc",
                "--root",
                config.runcRoot(),
                "checkpoint",
                "--leave-running",
                "--tcp-established",
                "--ext-unix-sk",
                "--file-locks"));
        if (!container.unified()) {
            script.addAll(NO_CGROUPS);
        }
        script.addAll(List.of("--image-path", images.toString(), "--work-path", folder.toString(), container.id()));
        PreparedCommand command = PreparedCommand.start(script, "go\n", folder.resolve("runc.out"));
        return new Dump(command, look(config, node, container, folder), container, folder, streams);
    }

    /** What the container's threads and sockets have that CRIU does not dump, see carovana-runc's attributes.go. */
    private static PreparedCommand look(AgentConfig config, Node node, RuncState container, Path folder)
            throws IOException {
        List<String> script = node.onNode(List.of("sh", "-c", "read -r word && exec \"$@\"", "sh"));
        script.addAll(List.of(config.wrapper(), "carovana-attributes", folder.toString(), container.freezer()));
        return PreparedCommand.start(script, "go\n", folder.resolve("attributes.out"));
    }

    /** CRIU reads these before those of runc and of the container's annotation; other tools' dumps do not. */
    private static Path options(Path folder) {
        return folder.resolve("criu.conf");
    }

    /** What the dump has written. */
    public List<Path> files() throws IOException {
        try (Stream<Path> images = Files.list(folder.resolve("checkpoint"))) {
            return images.filter(Files::isRegularFile).toList();
        }
    }

    /** Whether CRIU has remapped a file: what is open has not the name any more that it had. */
    public boolean hasRemaps() {
        return Files.exists(folder.resolve("checkpoint/remap-fpath.img"));
    }

    /** Waits until runc has only the dump itself to do, if this can be seen; after the limit the dump is only slower. */
    public void awaitReady(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (command.processes().noneMatch(Dump::waitsAtPipe) && System.nanoTime() < end) {
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private static boolean waitsAtPipe(ProcessHandle process) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("wchan")).equals(WAITS_AT_PIPE)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // it has just ended
        }
    }

    /** Dumps a container that is frozen, and waits for the end of it. */
    public void run() throws IOException {
        Files.writeString(options(folder), SparedMounts.options(container) + streams);
        CompletableFuture<Node.Result> attributes = look.go();
        CompletableFuture<Node.Result> end = command.go();
        Node.Result result = end.join();
        if (result.exitCode() != 0) {
            throw new IOException(
                    "runc checkpoint ended with " + result.exitCode() + ": " + result.output() + "; " + criuErrors());
        }
        if (attributes.join().exitCode() != 0) {
            throw new IOException(
                    "attributes of the container: " + attributes.join().output());
        }
    }

    /** Ends a dump that was not asked for; one that runs goes on. */
    @Override
    public void close() {
        command.close();
        look.close();
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
