// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jboss.logging.Logger;

/** Where other agents connect. */
public final class TransferServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TransferServer.class);

    private final SSLServerSocket server;
    private final Arrivals arrivals;
    private final Duration stallTimeout;

    private TransferServer(SSLServerSocket server, Arrivals arrivals, Duration stallTimeout) {
        this.server = server;
        this.arrivals = arrivals;
        this.stallTimeout = stallTimeout;
    }

    /** @param stallTimeout after which a silent peer counts as gone */
    public static TransferServer start(
            InetSocketAddress address, SSLContext tls, Arrivals arrivals, Duration stallTimeout) throws IOException {
        SSLServerSocket socket = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
        socket.setReuseAddress(true);
        socket.setEnabledProtocols(TransferTls.PROTOCOLS);
        socket.setNeedClientAuth(true);
        socket.bind(address);
        TransferServer server = new TransferServer(socket, arrivals, stallTimeout);
        Thread.ofPlatform().daemon().name("transfer-accept").start(server::accept);
        return server;
    }

    public int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) server.accept();
                // not a virtual thread: it decrypts and decompresses, and would keep holders waiting
                Thread.ofPlatform().daemon().name("transfer").start(() -> serve(socket));
            } catch (SocketException e) {
                LOG.debug("server socket", e);
            } catch (IOException e) {
                LOG.warn("an agent could not connect", e);
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.setSoTimeout((int) stallTimeout.toMillis());
            socket.setTcpNoDelay(true);
            socket.startHandshake();
            new ServerConnection(socket, arrivals, stallTimeout).run();
        } catch (IOException e) {
            LOG.infof("connection from %s ended: %s", socket.getRemoteSocketAddress(), e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
