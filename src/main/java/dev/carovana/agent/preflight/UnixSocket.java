// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A unix socket of a pod's network namespace, as {@code ss -xae} shows it.
 *
 * @param datagram whether it is no stream, nor one of packets in sequence
 * @param name what it is bound to; empty if it has no name
 * @param inode number by which processes' descriptors name it
 * @param peer inode of the socket that it is connected to; 0 if there is none
 * @param waiting inodes of the sockets whose connections it has not accepted yet; 0 for one that is closed again
 */
record UnixSocket(boolean datagram, String name, long inode, long peer, List<Long> waiting) {
    private static final Pattern LINE = Pattern.compile(
            "u_(str|seq|dgr)\\s+\\S+\\s+\\d+\\s+\\d+\\s+(.*) (\\d+)\\s+\\* (\\d+)\\s.*?(?:peers:([ \\d]+))?");

    /** Whether its name has no file. */
    boolean isAbstract() {
        return name.startsWith("@");
    }

    boolean hasFile() {
        return !name.isEmpty() && !isAbstract();
    }

    /** Empty for what is no socket. */
    static Optional<UnixSocket> parse(String line) {
        Matcher fields = LINE.matcher(line + " ");
        if (!fields.matches()) {
            return Optional.empty();
        }
        String name = fields.group(2).strip();
        String waiting = fields.group(5) == null ? "" : fields.group(5).strip();
        return Optional.of(new UnixSocket(
                fields.group(1).equals("dgr"),
                name.equals("*") ? "" : name,
                Long.parseLong(fields.group(3)),
                Long.parseLong(fields.group(4)),
                Stream.of(waiting.split(" "))
                        .filter(inode -> !inode.isEmpty())
                        .map(Long::parseLong)
                        .toList()));
    }
}
