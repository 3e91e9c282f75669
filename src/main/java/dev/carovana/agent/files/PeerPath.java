// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.FileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names of files that a peer sent. */
final class PeerPath {
    private PeerPath() {}

    /**
     * The path, by {@link FileNames}, of a peer's name below a root. Refused if it would leave the root, also through a symbolic link: an absolute
     * link of an image leads out of its root file system when it is followed from here. The links are looked for one by
     * one, since the real path of something below {@code /proc/1/root} is a path of another mount namespace.
     */
    static Path inside(Path root, String name) throws IOException {
        Path relative = FileNames.path(name).normalize();
        boolean escapes = name.isEmpty() || relative.isAbsolute() || relative.startsWith("..");
        if (escapes || relative.toString().isEmpty()) {
            throw new IOException("'" + name + "' is not below its folder");
        }
        for (Path parent = relative.getParent(); parent != null; parent = parent.getParent()) {
            if (Files.isSymbolicLink(root.resolve(parent))) {
                throw new IOException("'" + name + "' leaves its folder by the link '" + parent + "'");
            }
        }
        return root.resolve(relative);
    }
}
