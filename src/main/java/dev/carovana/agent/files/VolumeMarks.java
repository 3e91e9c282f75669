// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Marks on volumes, by which one site tells another which volume it is: a file for a moment, where both are to see the same, and
 * an attribute of the folder, where the content is a copy that may be replaced. See docs/adr/0038.
 */
public final class VolumeMarks {
    private static final Logger LOG = Logger.getLogger(VolumeMarks.class);
    private static final String OWNER = "carovana.instance";
    /** What makes a new ext4 file system not empty. */
    private static final String LOST_AND_FOUND = "lost+found";

    private VolumeMarks() {}

    private static Path file(Path folder, String migration) {
        return folder.resolve(".carovana-" + migration);
    }

    /**
     * Leaves a file in each folder that can be written to.
     *
     * @return those that have one
     */
    public static List<Path> show(List<Path> folders, String migration) {
        List<Path> shown = new ArrayList<>();
        for (Path folder : folders) {
            try {
                if (Files.isDirectory(folder)) {
                    Files.createFile(file(folder, migration));
                    shown.add(folder);
                }
            } catch (FileAlreadyExistsException e) {
                shown.add(folder); // two volumes with the same claim, or an agent before this one
            } catch (IOException e) {
                LOG.warnf("migration=%s: whether the destination has the same volume is not known: %s", migration, e);
            }
        }
        return shown;
    }

    public static boolean isShown(Path folder, String migration) {
        return Files.exists(file(folder, migration));
    }

    public static void hide(List<Path> folders, String migration) {
        for (Path folder : folders) {
            try {
                Files.deleteIfExists(file(folder, migration));
            } catch (IOException e) {
                LOG.errorf("migration=%s: %s stays: %s", migration, file(folder, migration), e);
            }
        }
    }

    /** Notes whose content it is. Where that cannot be noted the volume has to be emptied before the instance comes back. */
    public static void setOwner(Path folder, String instance) {
        try {
            attributes(folder).write(OWNER, StandardCharsets.UTF_8.encode(instance));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warnf("%s: that its content is a copy of %s's is not noted: %s", folder, instance, e);
        }
    }

    /** Whether nothing is lost if it is replaced by what the instance has. */
    public static boolean isReplaceable(Path folder, String instance) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.allMatch(VolumeMarks::isLostAndFound)) {
                return true;
            }
        }
        UserDefinedFileAttributeView attributes = attributes(folder);
        if (!attributes.list().contains(OWNER)) {
            return false;
        }
        ByteBuffer value = ByteBuffer.allocate(attributes.size(OWNER));
        attributes.read(OWNER, value);
        return StandardCharsets.UTF_8.decode(value.flip()).toString().equals(instance);
    }

    /** Takes everything out of it. */
    public static void empty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.filter(entry -> !isLostAndFound(entry)).toList()) {
                Tar.deleteTree(entry);
            }
        }
    }

    private static boolean isLostAndFound(Path entry) {
        return entry.endsWith(LOST_AND_FOUND);
    }

    private static UserDefinedFileAttributeView attributes(Path folder) throws IOException {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(folder, UserDefinedFileAttributeView.class);
        if (view == null) {
            throw new IOException("no attributes");
        }
        return view;
    }
}
