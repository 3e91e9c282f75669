// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A source that may say anything. */
final class RawSource implements AutoCloseable {
    private static final int FILE = 0;

    private final SSLSocket socket;
    final OutputStream wire;
    final FrameOutput out;
    private final FrameInput in;

    RawSource(SSLContext tls, int port, boolean transfer) throws IOException {
        socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        wire = socket.getOutputStream();
        out = new FrameOutput(wire, new RateLimit(0));
        in = new FrameInput(socket.getInputStream());
        out.send(FrameType.HELLO, new Messages.Hello(1, "m-1", "secret", transfer, "", Map.of()));
        next().expect(FrameType.WELCOME);
    }

    Frame next() throws IOException {
        return in.next(new byte[0]);
    }

    void open() throws IOException {
        out.write(FrameType.OPEN, new Messages.Open(FILE, Kind.IMAGE, "cart", "pages-1.img", List.of()));
    }

    void data(long offset, Chunk chunk) throws IOException {
        out.data(FILE, offset, chunk);
    }

    void closeFile(long size, int digest) throws IOException {
        out.write(FrameType.CLOSE, new Messages.Close(FILE, size, digest));
    }

    void done(int files, long bytes) throws IOException {
        out.write(FrameType.DONE, new Messages.Done(files, bytes));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
