// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Mounts of a container that are not dumped, since the holder at the destination makes them anew: /dev and the folder of
 * cgroups (version 1), as long as there is only what runc puts there, and the empty ones that hide folders. CRIU would run
 * tar and gzip for each at both ends, within the freeze. See docs/adr/0016.
 */
final class SparedMounts {
    private static final Path ROOT = Path.of("/");
    private static final Path DEV = Path.of("/dev");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /** Device numbers, as {@code stat} gives them, of what the OCI runtime specification has in every container. */
    private static final Map<String, Long> DEVICES =
            Map.of("null", 0x103L, "zero", 0x105L, "full", 0x107L, "random", 0x108L, "urandom", 0x109L, "tty", 0x500L);

    /** Not everywhere: the node's kernel may not have it. */
    private static final String CORE = "core";

    private static final Map<String, String> LINKS = Map.of(
            "fd",
            "/proc/self/fd",
            "stdin",
            "/proc/self/fd/0",
            "stdout",
            "/proc/self/fd/1",
            "stderr",
            "/proc/self/fd/2",
            "ptmx",
            "pts/ptmx",
            CORE,
            "/proc/kcore");

    private static final int DEVICE_FOR_ALL = 0020666;
    private static final int FOLDER = 0040755;

    private SparedMounts() {}

    /** CRIU's options for the dump of a frozen container. */
    static String options(RuncState container) throws IOException {
        Path process = Path.of("/proc", Long.toString(container.initPid()));
        return of(
                        Files.readAllLines(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1),
                        container.maskedPaths(),
                        process.resolve("root"))
                .stream()
                .map(path -> "external mnt[%s]:carovana%s%n".formatted(path, path))
                .collect(Collectors.joining());
    }

    /**
     * @param mountinfo of the container's init
     * @param masked folders and files that the container may not see
     * @param root the container's root
     */
    static Set<String> of(List<String> mountinfo, Collection<String> masked, Path root) throws IOException {
        List<Mount> mounts = mountinfo.stream().map(Mount::parse).toList();
        Set<String> spared = new TreeSet<>();
        for (Mount mount : mounts) {
            if (isWholeTmpfs(mount) && isAsMade(mount, masked, mounts, root)) {
                spared.add(mount.point().toString());
            }
        }
        return spared;
    }

    /** Not one file of it, that is mounted somewhere else. */
    private static boolean isWholeTmpfs(Mount mount) {
        return mount.type().equals("tmpfs") && mount.root().equals("/");
    }

    private static boolean isAsMade(Mount mount, Collection<String> masked, List<Mount> mounts, Path root)
            throws IOException {
        Path folder = root.resolve(ROOT.relativize(mount.point()));
        if (mount.point().equals(DEV)) {
            return isOfRuncAlone(folder) && hasDevicesOnly(folder, below(mount, mounts));
        }
        if (mount.point().equals(CGROUPS)) {
            return isOfRuncAlone(folder) && hasHierarchiesOnly(folder, below(mount, mounts));
        }
        return mount.options().contains("ro") && masked.contains(mount.point().toString());
    }

    /** The names in a folder on which something is mounted. */
    private static Set<String> below(Mount folder, List<Mount> mounts) {
        return mounts.stream()
                .map(Mount::point)
                .filter(point -> folder.point().equals(point.getParent()))
                .map(point -> point.getFileName().toString())
                .collect(Collectors.toSet());
    }

    private static boolean isOfRuncAlone(Path folder) throws IOException {
        return Files.readAttributes(folder, "unix:mode,uid,gid").equals(Map.of("mode", FOLDER, "uid", 0, "gid", 0));
    }

    /** Hierarchies that are mounted together have a link for each name. */
    private static boolean hasHierarchiesOnly(Path folder, Set<String> mounted) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (!mounted.contains(name) && !(Files.isSymbolicLink(entry) && leadsToOneOf(mounted, entry, name))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean leadsToOneOf(Set<String> mounted, Path link, String name) throws IOException {
        String target = Files.readSymbolicLink(link).toString();
        return mounted.contains(target) && List.of(target.split(",")).contains(name);
    }

    private static boolean hasDevicesOnly(Path dev, Set<String> mounted) throws IOException {
        Set<String> missing = new HashSet<>(DEVICES.keySet());
        missing.addAll(LINKS.keySet());
        missing.remove(CORE);
        try (Stream<Path> entries = Files.list(dev)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                boolean known = DEVICES.containsKey(name) || LINKS.containsKey(name);
                // in a user namespace the devices are mounts of the node's: those are not made
                if (mounted.contains(name) ? known : !isDefault(entry, name)) {
                    return false;
                }
                missing.remove(name);
            }
        }
        return missing.isEmpty();
    }

    private static boolean isDefault(Path entry, String name) throws IOException {
        if (LINKS.containsKey(name)) {
            return Files.isSymbolicLink(entry)
                    && Files.readSymbolicLink(entry).toString().equals(LINKS.get(name));
        }
        Long device = DEVICES.get(name);
        return device != null
                && Files.readAttributes(entry, "unix:mode,uid,gid,rdev", LinkOption.NOFOLLOW_LINKS)
                        .equals(Map.of("mode", DEVICE_FOR_ALL, "uid", 0, "gid", 0, "rdev", device));
    }
}
