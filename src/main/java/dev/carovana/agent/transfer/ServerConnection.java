// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Arrivals.Arrival;
import dev.carovana.agent.transfer.Messages.Close;
import dev.carovana.agent.transfer.Messages.Done;
import dev.carovana.agent.transfer.Messages.Hello;
import dev.carovana.agent.transfer.Messages.Open;
import dev.carovana.agent.transfer.Messages.Refused;
import dev.carovana.agent.transfer.Messages.Standing;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.jboss.logging.Logger;

/** The destination's end of one connection. */
final class ServerConnection {
    private static final Logger LOG = Logger.getLogger(ServerConnection.class);

    private final FrameInput in;
    private final FrameOutput out;
    private final String peer;
    private final Arrivals arrivals;
    private final Duration stallTimeout;

    ServerConnection(SSLSocket socket, Arrivals arrivals, Duration stallTimeout) throws IOException {
        this.in = new FrameInput(socket.getInputStream());
        this.out = new FrameOutput(socket.getOutputStream(), new RateLimit(0));
        this.peer = TransferTls.peer(socket);
        this.arrivals = arrivals;
        this.stallTimeout = stallTimeout;
    }

    void run() throws IOException {
        try (Heartbeat heartbeat = Heartbeat.start(out, stallTimeout.dividedBy(4))) {
            serve();
        } catch (RefusedException e) {
            refuse(e.reason(), e);
        } catch (ProtocolException e) {
            refuse("CorruptTransfer", e);
        }
    }

    private void refuse(String reason, IOException e) throws IOException {
        out.send(FrameType.REFUSED, new Refused(reason, String.valueOf(e.getMessage())));
        throw e;
    }

    private void serve() throws IOException {
        Hello hello = in.next().expect(FrameType.HELLO).json(Hello.class);
        if (hello.version() != Hello.VERSION) {
            throw new RefusedException(
                    "ProtocolVersion", "version " + hello.version() + " is not spoken here: " + Hello.VERSION);
        }
        Arrival arrival = arrivals.accept(hello, peer);
        IncomingFiles files = new IncomingFiles(arrival);
        try {
            Standing standing = arrival.standing();
            out.send(FrameType.WELCOME, standing);
            if (!standing.step().beforeHandover()) {
                announceOutcome(arrival);
            }
            while (true) {
                take(in.next(), files, arrival);
            }
        } finally {
            files.abort();
            arrival.closed();
        }
    }

    private void take(Frame frame, IncomingFiles files, Arrival arrival) throws IOException {
        switch (frame.type()) {
            case OPEN -> files.open(frame.json(Open.class));
            case DATA -> files.data(frame.body());
            case COPY -> files.copy(frame.body());
            case CLOSE -> files.close(frame.json(Close.class));
            case DONE -> {
                files.done(frame.json(Done.class));
                arrival.received();
                out.send(FrameType.RECEIVED, new Messages.Empty());
            }
            case END -> {
                arrival.end();
                announceOutcome(arrival);
            }
            case CANCEL -> {
                arrival.cancel();
                announceOutcome(arrival);
            }
            case HELLO, WELCOME, RECEIVED, OUTCOME, REFUSED, PING ->
                throw new ProtocolException("unexpected frame " + frame.type());
        }
    }

    private void announceOutcome(Arrival arrival) {
        arrival.outcome().thenAccept(standing -> {
            try {
                out.send(FrameType.OUTCOME, standing);
            } catch (IOException e) {
                LOG.infof("the source did not hear the outcome, it will ask: %s", e.getMessage());
            }
        });
    }
}
