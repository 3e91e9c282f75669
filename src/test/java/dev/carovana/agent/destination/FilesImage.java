// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.FileEntry;
import dev.carovana.agent.criu.InetSocket;
import dev.carovana.agent.criu.UnixSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Makes what CRIU writes to {@code files.img}. */
final class FilesImage {
    private static final int MAGIC = 0x56303138;

    private FilesImage() {}

    static byte[] of(FileEntry... entries) {
        return EntryImage.of(MAGIC, List.of(entries));
    }

    /** A socket that is bound to an address; IPv6 in IPv6's own form. */
    static FileEntry socket(String address) throws IOException {
        return socket(InetAddress.getByName(address).getAddress());
    }

    /** @param kind 1 is a stream, 2 takes datagrams */
    static FileEntry unix(int inode, int kind, int peer, boolean external) {
        return FileEntry.newBuilder()
                .setUsk(UnixSocket.newBuilder()
                        .setIno(inode)
                        .setType(kind)
                        .setPeer(peer)
                        .setUflags(external ? 1 : 0))
                .build();
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
