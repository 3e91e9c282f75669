// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.Mount;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.kubernetes.ClaimMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The file trees of a pod that move with it: writable layers, emptyDir volumes, volumes that are sent, /dev/shm. */
public final class Trees {
    private static final Pattern UPPER = Pattern.compile("(?:^|,)upperdir=([^,]+)");
    private static final Set<String> DISKS = Set.of("ext4", "xfs", "btrfs");

    private final Node node;

    public Trees(Node node) {
        this.node = node;
    }

    /**
     * One tree.
     *
     * @param owner the container of a layer or claim, the name of a volume, else empty
     * @param name where the container has a claim, else empty
     * @param path as the agent sees it
     * @param onDisk whether the kernel notes when a file is first written through a new mapping, as it does not in memory
     */
    public record Tree(Kind kind, String owner, String name, Path path, boolean onDisk) {
        public Tree(Kind kind, String owner, Path path, boolean onDisk) {
            this(kind, owner, "", path, onDisk);
        }

        /** Whether there is nothing to send. Says something of a frozen pod only. */
        public boolean isEmpty() throws IOException {
            try (Stream<Path> entries = Files.list(path)) {
                return entries.findAny().isEmpty();
            } catch (NoSuchFileException e) {
                return true;
            }
        }
    }

    /** What a pod has. */
    public List<Tree> of(String podUid, Map<String, RuncState> containers, PodVolumes claims) throws IOException {
        List<Mount> mounts = mounts();
        List<Tree> trees = new ArrayList<>();
        for (Map.Entry<String, RuncState> container : containers.entrySet()) {
            upperDirectory(mounts, container.getValue().rootfs())
                    .ifPresent(upper -> trees.add(tree(mounts, Kind.LAYER, container.getKey(), upper)));
        }
        String volumes = volumesOnNode(podUid);
        if (Files.isDirectory(node.see(volumes))) {
            try (Stream<Path> all = Files.list(node.see(volumes))) {
                all.map(volume -> volume.getFileName().toString())
                        .forEach(name -> trees.add(tree(mounts, Kind.VOLUME, name, volumes + "/" + name)));
            }
        }
        containers.values().stream()
                .findFirst()
                .ifPresent(any -> trees.add(tree(mounts, Kind.SHM, "", sharedMemoryOnNode(any.sandboxId()))));
        for (ClaimMount sent : claims.ofSent()) {
            String folder = claimOnNode(sent, containers);
            trees.add(new Tree(
                    Kind.CLAIM, sent.container(), sent.path(), node.see(folder), isOnDisk(mounts, Path.of(folder))));
        }
        return trees;
    }

    /** What a volume with a claim is on the node. */
    public Path claim(ClaimMount mount, Map<String, RuncState> containers) throws IOException {
        return node.see(claimOnNode(mount, containers));
    }

    private static String claimOnNode(ClaimMount mount, Map<String, RuncState> containers) throws IOException {
        RuncState container = containers.get(mount.container());
        String folder = container == null ? null : container.mounts().get(mount.path());
        if (folder == null) {
            throw new IOException("container " + mount.container() + " has nothing mounted at " + mount.path()
                    + ", expected volume " + mount.volume());
        }
        return folder;
    }

    private Tree tree(List<Mount> mounts, Kind kind, String owner, String path) {
        return new Tree(kind, owner, node.see(path), isOnDisk(mounts, Path.of(path)));
    }

    private static boolean isOnDisk(List<Mount> mounts, Path path) {
        return mounts.stream()
                .filter(mount -> path.startsWith(mount.point()))
                .reduce((one, other) ->
                        other.point().getNameCount() >= one.point().getNameCount() ? other : one)
                .filter(mount -> DISKS.contains(mount.type()))
                .isPresent();
    }

    public Path volumes(String podUid) {
        return node.see(volumesOnNode(podUid));
    }

    private static String volumesOnNode(String podUid) {
        return "/var/lib/kubelet/pods/" + podUid + "/volumes/kubernetes.io~empty-dir";
    }

    public Path sharedMemory(String sandboxId) {
        return node.see(sharedMemoryOnNode(sandboxId));
    }

    private static String sharedMemoryOnNode(String sandboxId) {
        return "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/" + sandboxId + "/shm";
    }

    /** The overlay's upper directory of what is mounted at a container's root. */
    private static Optional<String> upperDirectory(List<Mount> mounts, String rootfs) {
        return mounts.stream()
                .filter(mount -> mount.point().toString().equals(rootfs))
                .map(mount -> UPPER.matcher(mount.fileSystemOptions()))
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
    }

    private List<Mount> mounts() throws IOException {
        try (Stream<String> lines = Files.lines(node.see("/proc/1/mountinfo"), StandardCharsets.ISO_8859_1)) {
            return lines.map(Mount::parse).toList();
        }
    }
}
