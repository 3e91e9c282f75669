// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.destination.criu.FileEntry;
import dev.carovana.agent.destination.criu.InetSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The addresses of a pod that the sockets in a dump are bound to. */
final class BoundAddresses {
    private static final int MAGIC_BYTES = 2 * Integer.BYTES;

    private BoundAddresses() {}

    /**
     * Without those that every pod has, and those that belong to a link.
     *
     * @param files CRIU's {@code files.img}: magic numbers, then entries, each after its length
     */
    static Set<String> in(Path files) throws IOException {
        ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(files)).order(ByteOrder.LITTLE_ENDIAN);
        Set<String> addresses = new TreeSet<>();
        try {
            image.position(MAGIC_BYTES);
            while (image.hasRemaining()) {
                int length = image.getInt();
                FileEntry entry = FileEntry.parseFrom(image.slice(image.position(), length));
                image.position(image.position() + length);
                if (entry.hasIsk()) {
                    InetAddress address = address(entry.getIsk());
                    if (isOfPod(address)) {
                        addresses.add(address.getHostAddress());
                    }
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(files.getFileName() + " is not an image of CRIU's: " + e.getMessage(), e);
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
