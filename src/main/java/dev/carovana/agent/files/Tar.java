// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

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

    private Tar() {}

    /** A running tar that writes a tree to its standard output. Sockets are left out: nobody listens on them elsewhere. */
    public static Process create(Path root, List<String> deletes) throws IOException {
        List<String> command = new ArrayList<>(OPTIONS);
        command.addAll(List.of(
                "--create",
                "--file=-",
                "--directory=" + root,
                "--anchored",
                "--no-wildcards",
                "--exclude-from=/dev/stdin",
                "."));
        Process tar = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream in = tar.getOutputStream()) {
            for (String whiteout : deletes) {
                in.write(("./" + whiteout + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return tar;
    }

    /** A running tar that reads a tree from its standard input. It refuses names that leave the root. */
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
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Waits for a tar; whatever it printed is its error. */
    public static void finish(Process tar) throws IOException {
        String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int code = tar.waitFor();
            if (code != 0) {
                throw new IOException("tar ended with " + code + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for tar", e);
        }
    }

    /** Paths below an overlay's upper directory that stand for something deleted: character devices 0/0. */
    public static List<String> whiteouts(Path upper) throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(upper, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isOther() && Long.valueOf(0).equals(rdev(file))) {
                    found.add(upper.relativize(file).toString());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static Object rdev(Path file) throws IOException {
        return Files.getAttribute(file, "unix:rdev", java.nio.file.LinkOption.NOFOLLOW_LINKS) instanceof Number n
                ? Long.valueOf(n.longValue())
                : Long.valueOf(-1);
    }

    /** Deletes what the stream's sender has deleted. A name that leaves the root is refused. */
    public static void delete(Path root, List<String> names) throws IOException {
        for (String name : names) {
            Path target = inside(root, name);
            if (Files.exists(target, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                deleteTree(target);
            }
        }
    }

    /** The path of a peer's name below a root. */
    public static Path inside(Path root, String name) throws IOException {
        Path path = root.resolve(name).normalize();
        if (!path.startsWith(root) || path.equals(root)) {
            throw new IOException("'" + name + "' leaves its folder");
        }
        Path parent = path.getParent();
        if (parent != null && Files.exists(parent) && !parent.toRealPath().startsWith(root.toRealPath())) {
            throw new IOException("'" + name + "' leaves its folder by a link");
        }
        return path;
    }

    private static void deleteTree(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
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
