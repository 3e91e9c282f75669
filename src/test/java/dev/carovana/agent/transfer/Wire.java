// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A network between two agents, which can be cut. */
public final class Wire implements AutoCloseable {
    private final ServerSocket near;
    private final int far;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile boolean broken;

    public Wire(int port) throws IOException {
        far = port;
        near = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public String address() {
        return "127.0.0.1:" + near.getLocalPort();
    }

    /** Every connection ends, and a new one does too. */
    public void cut() {
        broken = true;
        open.forEach(Wire::close);
    }

    public void repair() {
        broken = false;
    }

    private void accept() {
        while (!near.isClosed()) {
            try {
                Socket source = near.accept();
                Socket destination = new Socket(InetAddress.getLoopbackAddress(), far);
                open.addAll(List.of(source, destination));
                if (broken) {
                    List.of(source, destination).forEach(Wire::close);
                }
                Thread.ofVirtual().start(() -> copy(source, destination));
                Thread.ofVirtual().start(() -> copy(destination, source));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // cut
        } finally {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        near.close();
        cut();
    }
}
