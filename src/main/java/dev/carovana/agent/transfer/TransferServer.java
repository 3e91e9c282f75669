// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Standing;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Listens for sources. One thread per connection. */
public final class TransferServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TransferServer.class);

    /** The destination's side of a transfer: what is done with what arrives. Called by one thread per connection. */
    public interface Receiver {
        /**
         * A source introduces itself.
         *
         * @throws RefusedException if it is not welcome
         */
        Session open(String site, Messages.Hello hello) throws IOException;
    }

    /** One connection's migration. */
    public interface Session {
        Standing standing();

        /** Where a file's bytes go. */
        Sink file(Messages.Open open) throws IOException;

        /** Everything has arrived and is right. */
        void received() throws IOException;

        /** END: restores, and gives the outcome. */
        Standing end(Messages.End measured) throws IOException;

        /** Never restores, if that is still possible. */
        Standing cancel();

        /** The source went away in the middle of a transfer. */
        void cut(String why);
    }

    private final SSLServerSocket server;
    private final Receiver receiver;
    private final Duration stall;

    private TransferServer(SSLServerSocket server, Receiver receiver, Duration stall) {
        this.server = server;
        this.receiver = receiver;
        this.stall = stall;
    }

    public static TransferServer start(SSLContext tls, int port, Receiver receiver, Duration stall) throws IOException {
        SSLServerSocket socket = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress((InetAddress) null, port), 64);
        socket.setNeedClientAuth(true);
        socket.setEnabledProtocols(TransferTls.PROTOCOLS);
        TransferServer server = new TransferServer(socket, receiver, stall);
        Thread.ofVirtual().name("transfer-accept").start(server::accept);
        return server;
    }

    public int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) server.accept();
                Thread.ofPlatform().name("transfer").daemon().start(() -> serve(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    LOG.warn("a source could not connect", e);
                }
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) stall.toMillis());
            String site = TransferTls.peer(socket);
            FrameOutput out = new FrameOutput(socket.getOutputStream(), new RateLimit(0));
            try (ReadAhead in = ReadAhead.start(new FrameInput(socket.getInputStream()))) {
                talk(site, in, out);
            }
        } catch (EOFException e) {
            // the source has what it wanted
        } catch (IOException | RuntimeException e) {
            LOG.warnf("transfer from %s: %s", socket.getRemoteSocketAddress(), e.getMessage());
        }
    }

    private void talk(String site, ReadAhead in, FrameOutput out) throws IOException {
        Messages.Hello hello = in.next().expect(FrameType.HELLO).json(Messages.Hello.class);
        Session session;
        try {
            session = receiver.open(site, hello);
        } catch (RefusedException e) {
            out.send(FrameType.REFUSED, new Messages.Refused(e.reason(), String.valueOf(e.getMessage())));
            return;
        }
        out.send(FrameType.WELCOME, session.standing());
        Heartbeat heartbeat = Heartbeat.start(out, stall.dividedBy(4));
        Download download = hello.transfer() ? new Download(session) : null;
        try {
            converse(in, out, session, download);
        } catch (IOException | RuntimeException e) {
            if (download != null) {
                download.close();
                session.cut(String.valueOf(e.getMessage()));
                refuse(out, e);
            }
            throw e;
        } finally {
            heartbeat.close();
        }
    }

    /** The source learns why, if it still listens. */
    private static void refuse(FrameOutput out, Exception e) {
        try {
            out.send(FrameType.REFUSED, new Messages.Refused("TransferRefused", String.valueOf(e.getMessage())));
        } catch (IOException gone) {
            LOG.debugf("the source has gone: %s", gone.getMessage());
        }
    }

    private static void converse(ReadAhead in, FrameOutput out, Session session, @Nullable Download download)
            throws IOException {
        while (true) {
            Frame frame = in.next();
            switch (frame.type()) {
                case END -> out.send(FrameType.OUTCOME, session.end(frame.json(Messages.End.class)));
                case CANCEL -> out.send(FrameType.OUTCOME, session.cancel());
                case DONE -> {
                    require(download).done(frame.json(Messages.Done.class));
                    session.received();
                    out.send(FrameType.RECEIVED, session.standing());
                }
                case OPEN, DATA, CLOSE -> require(download).take(frame);
                default -> throw new ProtocolException("frame " + frame.type() + " from a source");
            }
        }
    }

    private static Download require(@Nullable Download download) throws ProtocolException {
        if (download == null) {
            throw new ProtocolException("a source that only asks sends files");
        }
        return download;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
