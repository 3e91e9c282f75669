// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.runtime.Node;
import dev.carovana.kubernetes.ClaimMount;
import dev.carovana.link.v1.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What processes may not do with files of volumes that both sites share: there the frozen source still has them while the
 * destination's are made. See docs/adr/0038.
 */
final class SharedVolumeFiles {
    private static final String CODE = "SharedVolume";

    private static final String DELETED = " (deleted)";
    /** What an NFS client makes of a file that was deleted while it was open. */
    private static final String SILLY = "/.nfs";

    /** Of what ss prints. */
    private static final int PATH = 4;

    private static final Pattern MAPPED = Pattern.compile("\\S+ \\S+ \\S+ \\S+ \\d+ +(/.*)");

    private SharedVolumeFiles() {}

    /**
     * @param proc where processes are
     * @param shared mounts of all containers
     * @param processes by container
     */
    static List<Reason> problems(Path proc, List<ClaimMount> shared, Map<String, List<Long>> processes)
            throws IOException {
        List<Reason> reasons = new ArrayList<>();
        processes.forEach((container, pids) -> {
            List<ClaimMount> mounts = shared.stream()
                    .filter(mount -> mount.container().equals(container))
                    .toList();
            if (!mounts.isEmpty()) {
                pids.forEach(pid -> problems(proc.resolve(pid.toString()), mounts)
                        .forEach(problem ->
                                reasons.add(reason("container " + container + ", process " + pid + " " + problem))));
            }
        });
        Optional<Long> any = processes.values().stream().flatMap(List::stream).findFirst();
        if (any.isPresent() && !shared.isEmpty()) {
            socket(proc.resolve(any.get().toString()), shared).ifPresent(reasons::add);
        }
        return reasons;
    }

    private static Reason reason(String message) {
        return Reason.newBuilder().setCode(CODE).setMessage(message).build();
    }

    /** @param process any of the pod */
    private static Optional<Reason> socket(Path process, List<ClaimMount> shared) throws IOException {
        return Node.execute(Node.inNetwork(process.resolve("ns/net"), List.of("ss", "-xaHn")))
                .orThrow()
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields.length > PATH && isOf(shared, fields[PATH]))
                .findFirst()
                .map(fields -> reason("socket " + fields[PATH]
                        + " is in a volume that both sites share, expected it in an emptyDir: a restore would take its name "
                        + "away while the source may still need it"));
    }

    private static Set<String> problems(Path process, List<ClaimMount> mounts) {
        Set<String> problems = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String file = Files.readSymbolicLink(descriptor).toString();
                if (isOf(mounts, file)) {
                    lost(file).ifPresent(problems::add);
                    Path facts = process.resolve("fdinfo").resolve(descriptor.getFileName());
                    if (Files.readString(facts).contains("\nlock:")) {
                        problems.add("has a lock on " + file
                                + ", which is in a volume that both sites share, expected none: the source would hold it "
                                + "still, and the destination not get it");
                    }
                }
            }
            for (String line : Files.readAllLines(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
                Matcher mapped = MAPPED.matcher(line);
                if (mapped.matches() && isOf(mounts, mapped.group(1))) {
                    lost(mapped.group(1)).ifPresent(problems::add);
                }
            }
        } catch (IOException e) {
            return problems; // it has just ended, or closed it
        }
        return problems;
    }

    private static boolean isOf(List<ClaimMount> mounts, String file) {
        return mounts.stream().anyMatch(mount -> mount.has(file));
    }

    private static Optional<String> lost(String file) {
        return file.endsWith(DELETED) || file.contains(SILLY)
                ? Optional.of("has " + file
                        + " open, a file without a name in a volume that both sites share, expected one with a name, or a "
                        + "temporary file in an emptyDir")
                : Optional.empty();
    }
}
