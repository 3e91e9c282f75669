// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Multicast groups that a pod's programs have joined. No dump has them, and nobody tells which socket is a member. */
final class MulticastGroups {
    private static final Pattern IGMP = Pattern.compile("\\t+([0-9A-F]{8}) .*");
    private static final Pattern IGMP6 = Pattern.compile("\\d+\\s+\\S+\\s+([0-9a-f]{32}) .*");
    /** Of all nodes and all routers, and those by which neighbours ask for an address: the kernel joins them by itself. */
    private static final Pattern OF_KERNEL = Pattern.compile("010000E0|ff0[125]0{27}[12]|ff020{19}1ff[0-9a-f]{6}");

    private MulticastGroups() {}

    /**
     * One of them.
     *
     * @param process in /proc, of any process of the pod
     */
    static Optional<String> any(Path process) throws IOException {
        return Stream.concat(
                        groups(lines(process, "igmp"), IGMP).map(MulticastGroups::dotted),
                        groups(lines(process, "igmp6"), IGMP6))
                .findFirst();
    }

    private static Stream<String> groups(List<String> lines, Pattern pattern) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(1))
                .filter(group -> !OF_KERNEL.matcher(group).matches());
    }

    private static List<String> lines(Path process, String table) throws IOException {
        try {
            return Files.readAllLines(process.resolve("net").resolve(table));
        } catch (NoSuchFileException e) {
            return List.of(); // no IPv6 here
        }
    }

    /** Of a word in the order of the machine. */
    private static String dotted(String hexadecimal) {
        int word = Integer.parseUnsignedInt(hexadecimal, 16);
        return "%d.%d.%d.%d".formatted(word & 255, word >>> 8 & 255, word >>> 16 & 255, word >>> 24);
    }
}
