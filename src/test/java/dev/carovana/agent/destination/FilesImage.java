// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.destination.criu.FileEntry;
import dev.carovana.agent.destination.criu.InetSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes what CRIU writes to {@code files.img}. */
final class FilesImage {
    private FilesImage() {}

    static byte[] of(FileEntry... entries) {
        ByteBuffer image = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(0x54564319).putInt(0x56303138);
        for (FileEntry entry : entries) {
            image.putInt(entry.getSerializedSize()).put(entry.toByteArray());
        }
        byte[] bytes = new byte[image.position()];
        image.flip().get(bytes);
        return bytes;
    }

    /** A socket that is bound to an address; IPv6 in IPv6's own form. */
    static FileEntry socket(String address) throws IOException {
        return socket(InetAddress.getByName(address).getAddress());
    }

    static FileEntry socket(byte[] address) {
        InetSocket.Builder socket = InetSocket.newBuilder();
        ByteBuffer words = ByteBuffer.wrap(address).order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining()) {
            socket.addSrcAddr(words.getInt());
        }
        return FileEntry.newBuilder().setIsk(socket).build();
    }
}
