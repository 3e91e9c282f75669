// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamSocketsIT {
    private static final Path NETWORK = Path.of("/proc/self/ns/net");

    private static Set<String> named() throws IOException {
        return StreamSockets.options(NETWORK).lines().collect(Collectors.toSet());
    }

    @Test
    void bothEndsOfAConnectionAreNamed(@TempDir Path folder) throws IOException {
        UnixDomainSocketAddress name = UnixDomainSocketAddress.of(folder.resolve("a name"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(name);
            Set<String> before = named();
            try (SocketChannel client = SocketChannel.open(name);
                    SocketChannel accepted = server.accept()) {
                assertThat(client.isConnected() && accepted.isConnected()).isTrue();
                Set<String> now = named();
                now.removeAll(before);
                assertThat(now).hasSizeGreaterThanOrEqualTo(2); // other programs of the machine may have connected, too
            }
        }
    }
}
