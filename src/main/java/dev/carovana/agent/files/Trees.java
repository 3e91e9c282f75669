// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages.Kind;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The file trees of a pod that move with it: writable layers, emptyDir volumes, /dev/shm. */
public final class Trees {
    private static final Pattern UPPER = Pattern.compile("(?:^|,)upperdir=([^,]+)");

    private final Node node;

    public Trees(Node node) {
        this.node = node;
    }

    /**
     * One tree.
     *
     * @param owner the container of a layer, the name of a volume, else empty
     * @param path as the agent sees it
     */
    public record Tree(Kind kind, String owner, Path path) {
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
    public List<Tree> of(String podUid, Map<String, RuncState> containers) throws IOException {
        List<Tree> trees = new ArrayList<>();
        for (Map.Entry<String, RuncState> container : containers.entrySet()) {
            upperDirectory(container.getValue().rootfs())
                    .ifPresent(upper -> trees.add(new Tree(Kind.LAYER, container.getKey(), upper)));
        }
        Path volumes = volumes(podUid);
        if (Files.isDirectory(volumes)) {
            try (Stream<Path> all = Files.list(volumes)) {
                all.forEach(v -> trees.add(new Tree(Kind.VOLUME, v.getFileName().toString(), v)));
            }
        }
        containers.values().stream()
                .findFirst()
                .ifPresent(any -> trees.add(new Tree(Kind.SHM, "", sharedMemory(any.sandboxId()))));
        return trees;
    }

    public Path volumes(String podUid) {
        return node.see("/var/lib/kubelet/pods/" + podUid + "/volumes/kubernetes.io~empty-dir");
    }

    public Path sharedMemory(String sandboxId) {
        return node.see("/run/containerd/io.containerd.grpc.v1.cri/sandboxes/" + sandboxId + "/shm");
    }

    /** The overlay's upper directory of what is mounted at a container's root. */
    private Optional<Path> upperDirectory(String rootfs) throws IOException {
        try (Stream<String> mounts = Files.lines(node.see("/proc/1/mountinfo"))) {
            return mounts.map(line -> line.split(" "))
                    .filter(fields -> fields.length > 4 && fields[4].equals(rootfs))
                    .map(fields -> UPPER.matcher(fields[fields.length - 1]))
                    .filter(Matcher::find)
                    .map(found -> node.see(found.group(1)))
                    .findFirst();
        }
    }

    /** Bytes of all files below a folder; what vanishes meanwhile does not count. */
    public static long size(Path folder) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.isRegularFile() ? attributes.size() : 0;
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
