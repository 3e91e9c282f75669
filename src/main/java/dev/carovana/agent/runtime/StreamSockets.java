// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The connected stream sockets of a pod, so that CRIU dumps also those of which a container has one end. See docs/adr/0031. */
public final class StreamSockets {
    private static final Pattern CONNECTED = Pattern.compile("u_(?:str|seq)\\s.* (?<inode>\\d+)\\s+\\* [1-9]\\d*\\s*");

    private StreamSockets() {}

    /**
     * CRIU's options for a dump. That of a container both ends of whose sockets are its own is as without them.
     *
     * @param network namespace of the pod, as the agent sees it
     */
    public static String options(Path network) throws IOException {
        return options(Node.execute(Node.inNetwork(network, List.of("ss", "-xHn")))
                .orThrow()
                .lines());
    }

    static String options(Stream<String> lines) {
        return lines.map(CONNECTED::matcher)
                .filter(Matcher::matches)
                .map(socket -> "external unix[" + socket.group("inode") + "]\n")
                .collect(Collectors.joining());
    }
}
