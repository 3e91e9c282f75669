// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** One address for several servers of this machine: each connection goes to the next of them, or the one after it. */
final class Balancer implements AutoCloseable {
    private final int[] servers;
    private final ServerSocket listener;

    Balancer(int... servers) throws IOException {
        this.servers = servers;
        listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            for (int turn = 0; true; turn++) {
                Socket from = listener.accept();
                Socket to = connect(turn);
                Thread.ofVirtual().start(() -> pass(from, to));
                Thread.ofVirtual().start(() -> pass(to, from));
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    private Socket connect(int turn) throws IOException {
        try {
            return new Socket("127.0.0.1", servers[turn % servers.length]);
        } catch (IOException e) {
            return new Socket("127.0.0.1", servers[(turn + 1) % servers.length]);
        }
    }

    private static void pass(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one end is gone: so is the other
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
