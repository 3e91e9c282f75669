// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.FileEntry;
import dev.carovana.agent.criu.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The ends of unix connections that a dump names and has not: another container's. */
final class ExternalSockets {
    private static final int EXTERNAL = 1;
    private static final int DATAGRAM = 2;

    private ExternalSockets() {}

    /**
     * Whether a container has one end of a stream.
     *
     * @param files CRIU's {@code files.img}
     */
    static boolean hasStreams(Path files) throws IOException {
        List<UnixSocket> sockets = new ArrayList<>();
        Set<Integer> external = new HashSet<>();
        for (ByteBuffer bytes : EntryImage.read(files)) {
            FileEntry entry = FileEntry.parseFrom(bytes);
            if (entry.hasUsk()) {
                sockets.add(entry.getUsk());
                if ((entry.getUsk().getUflags() & EXTERNAL) != 0) {
                    external.add(entry.getUsk().getIno());
                }
            }
        }
        return sockets.stream().anyMatch(socket -> socket.getType() != DATAGRAM && external.contains(socket.getPeer()));
    }
}
