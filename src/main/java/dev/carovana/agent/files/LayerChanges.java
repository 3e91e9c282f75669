// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.FileNames;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an overlay's upper directory says of the image below it, other than by files. Only the kernel may write these
 * marks, so they are told as deletions that are made through the merged tree.
 *
 * @param whiteouts of what was deleted: character devices 0/0
 * @param opaque directories that replaced one of the image: nothing of the old one is to be seen
 */
public record LayerChanges(List<String> whiteouts, List<String> opaque) {
    public static final LayerChanges NONE = new LayerChanges(List.of(), List.of());
    private static final String FILE = "# file: ";
    private static final String OPAQUE = "trusted.overlay.opaque=\"y\"";
    private static final String REDIRECT = "trusted.overlay.redirect=";
    private static final String GONE = ": No such file or directory";

    /**
     * A getfattr that waits until the container is frozen. Java itself reads attributes of the namespace "user" only.
     *
     * @param upper the upper directory
     * @param output where its output goes; beside it, its complaints
     */
    public static PreparedCommand prepare(Path upper, Path output) throws IOException {
        return PreparedCommand.start(
                List.of(
                        "sh",
                        "-c",
                        "complaints=$1; shift; read -r word && exec \"$@\" 2> \"$complaints\"",
                        "sh",
                        complaints(output).toString(),
                        "getfattr",
                        "--recursive",
                        "--physical",
                        "--no-dereference",
                        "--absolute-names",
                        "--dump",
                        "--match=^trusted\\.overlay\\.(opaque|redirect)$",
                        upper.toString()),
                "go\n",
                output);
    }

    private static Path complaints(Path output) {
        return output.resolveSibling(output.getFileName() + ".err");
    }

    /**
     * @param upper the upper directory of a frozen container: only CRIU makes something there meanwhile, and takes it away
     * @param getfattr was prepared for it
     * @param output as then
     */
    public static LayerChanges of(Path upper, PreparedCommand getfattr, Path output) throws IOException {
        List<String> whiteouts = new ArrayList<>();
        boolean[] folders = {false};
        Files.walkFileTree(upper, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                folders[0] |= !folder.equals(upper);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isOther() && isDeviceZero(file)) {
                    whiteouts.add(FileNames.of(upper.relativize(file)));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, @Nullable IOException e) throws IOException {
                if (e instanceof NoSuchFileException && !file.equals(upper)) {
                    return FileVisitResult.CONTINUE;
                }
                throw e == null ? new IOException(file + " cannot be read") : e;
            }
        });
        return new LayerChanges(
                whiteouts, folders[0] ? opaque(upper, getfattr.go().join(), output) : List.of());
    }

    /** What must be deleted before the tree's files are put in place. */
    public List<String> deletes() {
        List<String> all = new ArrayList<>(opaque);
        all.addAll(whiteouts);
        return all;
    }

    private static boolean isDeviceZero(Path file) throws IOException {
        boolean device = Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode
                && (mode & 0170000) == 0020000;
        return device
                && Files.getAttribute(file, "unix:rdev", LinkOption.NOFOLLOW_LINKS) instanceof Number rdev
                && rdev.longValue() == 0;
    }

    private static List<String> opaque(Path upper, Node.Result result, Path output) throws IOException {
        Path complaints = complaints(output);
        String problem = Files.exists(complaints)
                ? FileNames.of(Files.readAllBytes(complaints)).strip()
                : result.output();
        if (result.exitCode() != 0 && !onlyGone(problem)) {
            throw new IOException("getfattr: exit status " + result.exitCode() + ": " + problem);
        }
        return parse(upper, FileNames.of(Files.readAllBytes(output)));
    }

    /** Whether getfattr has complained of nothing but files that went while it read. */
    static boolean onlyGone(String complaints) {
        return !complaints.isEmpty() && complaints.lines().allMatch(line -> line.endsWith(GONE));
    }

    static List<String> parse(Path upper, String attributes) throws IOException {
        List<String> opaque = new ArrayList<>();
        Path file = upper;
        for (String line : attributes.lines().toList()) {
            if (line.startsWith(FILE)) {
                file = FileNames.path(unescape(line.substring(FILE.length())));
            } else if (line.startsWith(REDIRECT)) {
                throw new IOException("directory '" + FileNames.readable(FileNames.of(upper.relativize(file)))
                        + "' was renamed and its files are still the image's: this cannot be moved");
            } else if (line.equals(OPAQUE) && !file.equals(upper)) {
                opaque.add(FileNames.of(upper.relativize(file)));
            }
        }
        return opaque;
    }

    /** getfattr writes line ends and backslashes in names as three octal digits. */
    private static String unescape(String name) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '\\' && i + 3 < name.length()) {
                plain.append((char) Integer.parseInt(name.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(name.charAt(i));
            }
        }
        return plain.toString();
    }
}
