// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The epoll sets of a container's processes. CRIU can dump one only if the first process that has it also has every file that is
 * in it.
 */
final class EpollSets {
    private static final Pattern MEMBER = Pattern.compile("tfd:\\s*(\\d+) .* ino:([0-9a-f]+) .*");

    private final Set<List<String>> seen = new HashSet<>();

    /**
     * Whether a process has a set with a file that it has closed. Parents are to be asked before their children.
     *
     * @param process its folder in /proc
     */
    boolean haveOrphan(Path process) {
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.readSymbolicLink(descriptor).toString().equals("anon_inode:[eventpoll]")
                        && isOrphan(process, descriptor.getFileName())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // it has just ended, or closed it
        }
    }

    private boolean isOrphan(Path process, Path descriptor) throws IOException {
        List<String> members = Files.readAllLines(process.resolve("fdinfo").resolve(descriptor)).stream()
                .filter(line -> line.startsWith("tfd:"))
                .sorted()
                .toList();
        if (!seen.add(members)) {
            return false; // most probably the same set
        }
        for (String member : members) {
            Matcher file = MEMBER.matcher(member);
            if (file.matches() && !hasFile(process, file.group(1), Long.parseLong(file.group(2), 16))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasFile(Path process, String descriptor, long inode) throws IOException {
        if (isFile(process.resolve("fd").resolve(descriptor), inode)) {
            return true;
        }
        try (Stream<Path> all = Files.list(process.resolve("fd"))) {
            return all.anyMatch(other -> isFile(other, inode)); // by another descriptor
        }
    }

    private static boolean isFile(Path descriptor, long inode) {
        try {
            return Files.getAttribute(descriptor, "unix:ino").equals(inode);
        } catch (IOException e) {
            return false;
        }
    }
}
