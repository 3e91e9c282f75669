// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.FileNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * GNU tar of the agent's image: it knows owners, extended attributes, sparse files and device nodes. Whiteouts of an
 * overlay do not go into the stream: they are told as deletions, since only the kernel may write them.
 */
public final class Tar {
    private static final List<String> OPTIONS = List.of(
            "tar",
            "--numeric-owner",
            "--sparse",
            "--xattrs",
            "--xattrs-include=user.*",
            "--xattrs-include=security.capability");

    /** Exit status: a file was not the same before and after it was read. */
    private static final int CHANGED = 1;

    /** Of all bytes. */
    private static final String ONLY_A_LINE_END = "[!\u0001-\t\u000b-\u00ff]";

    private Tar() {}

    /**
     * A running tar that will write a tree to its standard output, and waits to hear what to omit. Sockets are left out:
     * nobody listens on them elsewhere.
     */
    public static Process create(Path root) throws IOException {
        List<String> command = new ArrayList<>(OPTIONS);
        command.addAll(List.of(
                "--create",
                "--format=posix",
                "--file=-",
                "--directory=" + root,
                "--anchored",
                "--wildcards",
                "--no-wildcards-match-slash",
                "--exclude-from=/dev/stdin",
                "."));
        return builder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT) // the agent's log
                .start();
    }

    /**
     * Lets a tar that was created begin.
     *
     * @param names as {@link FileNames} has them
     */
    public static void omit(Process tar, List<String> names) throws IOException {
        try (OutputStream in = tar.getOutputStream()) {
            for (String name : names) {
                in.write(FileNames.bytes("./" + pattern(name) + "\n"));
            }
        }
    }

    /** What stands for a name alone, in a line whose end tar strips of white space. */
    private static String pattern(String name) {
        StringBuilder pattern = new StringBuilder();
        for (char c : name.toCharArray()) {
            switch (c) {
                case '\n' -> pattern.append(ONLY_A_LINE_END);
                case ' ', '\t', '\u000b', '\f', '\r' ->
                    pattern.append('[').append(c).append(']');
                case '*', '?', '[', '\\' -> pattern.append('\\').append(c);
                default -> pattern.append(c);
            }
        }
        return pattern.toString();
    }

    /** A running tar that reads a tree from its standard input; {@link TarGuard} looks at the names first. */
    public static Process extract(Path root) throws IOException {
        List<String> command = new ArrayList<>(OPTIONS);
        command.addAll(List.of(
                "--extract",
                "--file=-",
                "--directory=" + root,
                "--overwrite",
                "--same-permissions",
                "--same-owner",
                "--delay-directory-restore"));
        return builder(command).redirectErrorStream(true).start();
    }

    /** Names are bytes to tar, too, if its locale has no others. */
    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Waits for a tar that writes files; whatever it printed is its error. */
    public static void finish(Process tar) throws IOException {
        String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = end(tar);
        if (code != 0) {
            throw new IOException("tar ended with " + code + ": " + output.strip());
        }
    }

    /**
     * Waits for a tar that reads files, after its stream. That something has changed meanwhile is no error: the pod is
     * frozen, and CRIU makes links for its own ends.
     */
    public static void finishReading(Process tar) throws IOException {
        int code = end(tar);
        if (code != 0 && code != CHANGED) {
            throw new IOException("tar ended with " + code + ": the agent's log says why");
        }
    }

    private static int end(Process tar) throws IOException {
        try {
            return tar.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for tar", e);
        }
    }

    /** Deletes what the stream's sender has deleted, by {@link FileNames}, in the order given. A name that leaves the root is refused. */
    public static void delete(Path root, List<String> names) throws IOException {
        for (String name : names) {
            Path target = PeerPath.inside(root, name);
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                deleteTree(target);
            }
        }
    }

    static void deleteTree(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** The stream of a running tar. */
    public static InputStream stream(Process tar) {
        return tar.getInputStream();
    }
}
