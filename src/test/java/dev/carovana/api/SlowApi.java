// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands before a real API server, and lets nothing through at first. */
public final class SlowApi implements AutoCloseable {
    /** What becomes of a connection. */
    public enum Mode {
        SILENT,
        REFUSING,
        OPEN
    }

    private final URI server;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.SILENT;

    /** @param server its URL */
    public SlowApi(String server) throws IOException {
        this.server = URI.create(server);
        listener = new ServerSocket(0, 50, InetAddress.getByName(this.server.getHost()));
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "https://" + server.getHost() + ":" + listener.getLocalPort();
    }

    /** From now on; connections that there are end. */
    public void become(Mode next) {
        mode = next;
        sockets.forEach(SlowApi::end);
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                Socket from = listener.accept();
                if (mode == Mode.REFUSING) {
                    end(from);
                    continue;
                }
                sockets.add(from);
                if (mode == Mode.OPEN) {
                    Socket to = new Socket(server.getHost(), server.getPort());
                    sockets.add(to);
                    Thread.ofVirtual().start(() -> pass(from, to));
                    Thread.ofVirtual().start(() -> pass(to, from));
                }
            }
        } catch (IOException e) {
            sockets.forEach(SlowApi::end); // it was closed
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one end is gone: so is the other
        }
        end(from);
        end(to);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
