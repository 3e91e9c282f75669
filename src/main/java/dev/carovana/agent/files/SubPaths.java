// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.Mount;
import dev.carovana.agent.runtime.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Parts of a pod's emptyDir volumes that are mounted alone ({@code subPath}). Kubelet prepares each, in a folder of its own,
 * when it creates the container. The volumes of a destination pod are empty then, and in place of a file, which only comes with
 * the move, kubelet makes and mounts a folder.
 */
public final class SubPaths {
    /** In the volume there may be the file already: another container has it too. */
    private static final String MOUNT_FILE =
            "umount \"$1\"; rmdir \"$1\"; [ -f \"$2\" ] || { rmdir \"$2\"; : >\"$2\"; }; : >\"$1\"; mount --bind \"$2\" \"$1\"";

    /** As the kernel, which gives up then. */
    private static final int LINKS = 40;

    private static final String DELETED = "//deleted";

    private final Node node;
    private final Trees trees;
    private final String podUid;
    private final String folder;

    public SubPaths(Node node, String podUid) {
        this.node = node;
        this.podUid = podUid;
        trees = new Trees(node);
        folder = "/var/lib/kubelet/pods/" + podUid + "/volume-subpaths/";
    }

    /**
     * A container of a destination pod.
     *
     * @param root of its file system, as the agent sees it
     * @param mounts what is mounted in it, and from where on the node
     * @param files paths in it on which files have to be mounted
     */
    public record Container(Path root, Map<String, String> mounts, List<String> files) {}

    /** Paths in a running container on which files of emptyDir volumes are mounted. */
    public List<String> files(Map<String, String> mounts) {
        return mounts.entrySet().stream()
                .filter(mount -> isOfVolume(mount.getValue()) && Files.isRegularFile(node.see(mount.getValue())))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Mounts that show what is not in its volume any more, since something else has taken its name. */
    public List<String> replaced() throws IOException {
        try (Stream<String> lines = Files.lines(node.see("/proc/1/mountinfo"), StandardCharsets.ISO_8859_1)) {
            return lines.map(Mount::parse)
                    .filter(mount -> mount.root().endsWith(DELETED)
                            && isOfVolume(mount.point().toString()))
                    .map(mount -> mount.point().toString().substring(folder.length()))
                    .toList();
        }
    }

    /** Mounts empty files where kubelet has mounted folders, before anything is in the volumes. */
    public void mountFiles(Collection<Container> containers) throws IOException {
        Map<String, Path> found = new LinkedHashMap<>();
        for (Container container : containers) {
            for (String file : container.files()) {
                String source = container.mounts().getOrDefault(file, "");
                if (!isOfVolume(source)) {
                    throw new IOException("'" + file + "' is not mounted from an emptyDir volume here");
                }
                if (Files.isDirectory(node.see(source))) {
                    found.put(source, inVolume(source));
                    makeFile(mountPoint(container, file));
                }
            }
        }
        for (Map.Entry<String, Path> mount : found.entrySet()) {
            Node.Result result = node.run(List.of(
                    "sh",
                    "-ec",
                    MOUNT_FILE,
                    "sh",
                    mount.getKey(),
                    mount.getValue().toString()));
            if (result.exitCode() != 0) {
                throw new IOException("mount of a file at " + mount.getKey() + ": " + result.output());
            }
        }
    }

    private boolean isOfVolume(String source) {
        return source.startsWith(folder)
                && Files.isDirectory(trees.volumes(podUid).resolve(volume(source)));
    }

    private String volume(String source) {
        return source.substring(folder.length()).split("/", 2)[0];
    }

    /** The folder in its volume that is mounted, as a path of the node: they are the same file. */
    private Path inVolume(String source) throws IOException {
        Path volume = trees.volumes(podUid).resolve(volume(source));
        try (Stream<Path> folders = Files.walk(volume)) {
            for (Path candidate : folders.filter(Files::isDirectory).toList()) {
                if (Files.isSameFile(candidate, node.see(source))) {
                    return Path.of("/").resolve(node.root().relativize(candidate));
                }
            }
        }
        throw new IOException(source + " shows nothing of volume " + volume.getFileName());
    }

    /** Where runc has made a folder to mount upon: in the root file system, or in what is mounted over it. */
    private Path mountPoint(Container container, String file) throws IOException {
        Path path = Path.of(file);
        for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
            String source = container.mounts().get(parent.toString());
            if (source != null) {
                return inRoot(node.see(source), parent.relativize(path));
            }
        }
        return inRoot(container.root(), Path.of("/").relativize(path));
    }

    /** Follows links as they lead for who has the root: many images have one at /var/run. */
    private static Path inRoot(Path root, Path path) throws IOException {
        Path now = root;
        Deque<Path> left = new ArrayDeque<>();
        path.forEach(left::add);
        for (int links = 0; !left.isEmpty(); ) {
            Path name = left.pop();
            if (name.toString().equals("..")) {
                now = now.equals(root) ? root : Objects.requireNonNull(now.getParent());
                continue;
            }
            Path next = now.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                now = next;
                continue;
            }
            if (++links > LINKS) {
                throw new IOException("'" + path + "' leads through too many links");
            }
            Path target = Files.readSymbolicLink(next);
            now = target.isAbsolute() ? root : now;
            for (int i = target.getNameCount() - 1; i >= 0; i--) {
                left.push(target.getName(i));
            }
        }
        return now;
    }

    private static void makeFile(Path point) throws IOException {
        if (Files.isDirectory(point, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(point);
            Files.createFile(point);
        }
    }
}
