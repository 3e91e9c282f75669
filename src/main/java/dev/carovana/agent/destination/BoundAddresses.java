// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.FileEntry;
import dev.carovana.agent.criu.InetSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The addresses of a pod that the sockets in a dump are bound to. */
final class BoundAddresses {
    private BoundAddresses() {}

    /**
     * Without those that every pod has, and those that belong to a link.
     *
     * @param files CRIU's {@code files.img}
     */
    static Set<String> in(Path files) throws IOException {
        Set<String> addresses = new TreeSet<>();
        for (ByteBuffer bytes : EntryImage.read(files)) {
            FileEntry entry = FileEntry.parseFrom(bytes);
            if (entry.hasIsk()) {
                InetAddress address = address(entry.getIsk());
                if (isOfPod(address)) {
                    addresses.add(address.getHostAddress());
                }
            }
        }
        return addresses;
    }

    private static InetAddress address(InetSocket socket) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(socket.getSrcAddrCount() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        socket.getSrcAddrList().forEach(bytes::putInt);
        return InetAddress.getByAddress(bytes.array());
    }

    private static boolean isOfPod(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isMulticastAddress();
    }
}
