// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.FileNames;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a tree looked like at a moment: enough to tell later whether anything in it was changed since, contents too, but for
 * what is written through a mapping (docs/adr/0017).
 *
 * @param files by their names from the root, which has the empty one
 * @param settled whether nothing had been changed shortly before: else a further change may not show, since the kernel's clock
 *     for files has ticks
 */
public record TreeSnapshot(Map<String, File> files, boolean settled) {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;

    /**
     * One file or folder.
     *
     * @param changed when its content or anything else of it was last changed
     */
    public record File(long inode, int mode, long size, FileTime changed) {
        static File of(Path path) throws IOException {
            Map<String, Object> facts =
                    Files.readAttributes(path, "unix:ino,mode,size,ctime", LinkOption.NOFOLLOW_LINKS);
            if (facts.get("ino") instanceof Long inode
                    && facts.get("mode") instanceof Integer mode
                    && facts.get("size") instanceof Long size
                    && facts.get("ctime") instanceof FileTime changed) {
                return new File(inode, mode, size, changed);
            }
            throw new IOException(path + ": the file system tells " + facts);
        }

        private long content() {
            return (mode & TYPE) == REGULAR ? size : 0;
        }

        private boolean isOther(File then) {
            return inode != then.inode || (mode & TYPE) != (then.mode & TYPE);
        }
    }

    /** What vanishes meanwhile is not there. */
    public static TreeSnapshot of(Path root) throws IOException {
        FileTime recent = FileTime.from(Instant.now().minus(TICK));
        Map<String, File> files = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                return visitFile(folder, attributes);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    files.put(FileNames.of(root.relativize(file)), File.of(file));
                    return FileVisitResult.CONTINUE;
                } catch (NoSuchFileException e) {
                    return visitFileFailed(file, e);
                }
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, @Nullable IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e == null ? new IOException(file + " cannot be read") : e;
            }
        });
        boolean settled =
                files.values().stream().allMatch(file -> file.changed().compareTo(recent) < 0);
        return new TreeSnapshot(files, settled);
    }

    /** Whether there is nothing below the root. */
    public boolean isEmpty() {
        return files.size() <= 1;
    }

    /** How many bytes all files have. */
    public long bytes() {
        return files.values().stream().mapToLong(File::content).sum();
    }

    /** Whether any file has a byte. */
    public boolean hasContent() {
        return files.values().stream().anyMatch(file -> file.content() > 0);
    }

    /** Whether a later look would tell any change from now on, but for what is written through {@link SharedMappings}. */
    public boolean tellsChanges(Trees.Tree tree) {
        return settled && (!hasContent() || tree.onDisk());
    }

    /** Whether nothing was changed between the two. */
    public boolean isAs(TreeSnapshot other) {
        return files.equals(other.files);
    }

    /** What is not there any more, or is another file now. A folder comes before what was in it. */
    public List<String> goneIn(TreeSnapshot later) {
        return files.entrySet().stream()
                .filter(entry -> {
                    File now = later.files.get(entry.getKey());
                    return now == null || now.isOther(entry.getValue());
                })
                .map(Map.Entry::getKey)
                .filter(path -> !path.isEmpty())
                .toList();
    }
}
