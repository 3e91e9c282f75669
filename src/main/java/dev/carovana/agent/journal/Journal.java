// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's memory on the node's tmpfs: one folder per migration with its record and its images. A record is replaced
 * in one step; nothing is forced to disk, since a node that restarts has lost its containers too.
 */
public final class Journal {
    private static final Logger LOG = Logger.getLogger(Journal.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;

    /** @param runDirectory Carovana's folder on the node's tmpfs */
    public Journal(Path runDirectory) {
        this.root = runDirectory;
    }

    public Path folder(String migration) {
        return root.resolve("migrations").resolve(plain(migration));
    }

    /** Memory images and what else must not outlive the migration. */
    public Path images(String migration) {
        return folder(migration).resolve("images");
    }

    /** Bytes that are free on the node's tmpfs. */
    public long usableSpace() {
        return root.toFile().getUsableSpace();
    }

    private Path podFolder(String podUid) {
        return root.resolve("pods").resolve(plain(podUid));
    }

    /** A name that becomes part of a path and stays in its folder. */
    public static String plain(String name) {
        if (!PLAIN_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a plain name: '" + name + "'");
        }
        return name;
    }

    public void write(MigrationRecord record) {
        try {
            Path folder = createPrivate(folder(record.migration()));
            Path next = folder.resolve("record.json.new");
            JSON.writerFor(MigrationRecord.class).writeValue(next.toFile(), record);
            Files.move(
                    next,
                    folder.resolve("record.json"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("journal of migration " + record.migration(), e);
        }
    }

    /**
     * All that can be read. One that cannot, of a newer agent or damaged, is set aside: its pod stays as it is, frozen or held, and
     * all others go on.
     */
    public List<MigrationRecord> readAll() throws IOException {
        List<MigrationRecord> records = new ArrayList<>();
        Path folder = createPrivate(root.resolve("migrations"));
        try (Stream<Path> migrations = Files.list(folder)) {
            for (Path migration : migrations.toList()) {
                read(migration).ifPresent(records::add);
            }
        }
        return records;
    }

    private static Optional<MigrationRecord> read(Path folder) throws IOException {
        Path file = folder.resolve("record.json");
        Path unread = folder.resolve("record.json.unread");
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), MigrationRecord.class));
        } catch (NoSuchFileException e) {
            if (!Files.exists(unread)) {
                LOG.warnf("a folder without a record is deleted: %s", folder);
                deleteTree(folder); // R7: nobody would ever come back to what is in it
            }
        } catch (JacksonException e) {
            LOG.errorf("%s cannot be read, and is kept as %s: %s", file, unread, e.getOriginalMessage());
            Files.move(file, unread, StandardCopyOption.REPLACE_EXISTING);
        }
        return Optional.empty();
    }

    public void delete(String migration) {
        deleteTree(folder(migration));
    }

    /** R7: no memory image outlives its migration. */
    public void deleteImages(String migration) {
        deleteTree(images(migration));
    }

    /** While a pod is fenced, carovana-runc neither creates nor starts a container of it. */
    public void fence(String podUid) throws IOException {
        Files.writeString(createPrivate(podFolder(podUid)).resolve("fenced"), "");
    }

    /** Fences a pod of which a container was held here. One that is gone needs no fence. */
    public void fenceHeld(String podUid) throws IOException {
        try {
            Files.writeString(podFolder(podUid).resolve("fenced"), "");
        } catch (NoSuchFileException e) {
            LOG.debugf("pod %s is gone already", podUid);
        }
    }

    /** A fenced pod stays so, but its containers may be killed: it is being deleted. */
    public void letEnd(String podUid) throws IOException {
        try {
            Files.writeString(
                    podFolder(podUid).resolve("fenced"),
                    "ending",
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (NoSuchFileException e) {
            LOG.debugf("pod %s is gone already, and its fence with it", podUid);
        }
    }

    public void unfence(String podUid) throws IOException {
        Files.deleteIfExists(podFolder(podUid).resolve("fenced"));
    }

    public List<String> podUids() throws IOException {
        try (Stream<Path> pods = Files.list(createPrivate(root.resolve("pods")))) {
            return pods.map(p -> p.getFileName().toString()).toList();
        }
    }

    /** Whether carovana-runc was not yet told to delete a container that was held here. Until then it needs its record. */
    public boolean hasContainers(String podUid) throws IOException {
        Path records = Path.of("..", "pods", podUid);
        try (Stream<Path> links = Files.list(createPrivate(root.resolve("containers")))) {
            for (Path link : links.toList()) {
                if (leadsTo(link, records)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean leadsTo(Path link, Path folder) throws IOException {
        try {
            return Files.isSymbolicLink(link) && Files.readSymbolicLink(link).startsWith(folder) && Files.exists(link);
        } catch (NoSuchFileException e) {
            return false; // a container has just been deleted
        }
    }

    public void deletePod(String podUid) {
        deleteTree(podFolder(podUid));
    }

    public static Path createPrivate(Path folder) throws IOException {
        return Files.createDirectories(folder, PRIVATE);
    }

    private static void deleteTree(Path tree) {
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.errorf(e, "could not delete %s", tree);
        }
    }
}
