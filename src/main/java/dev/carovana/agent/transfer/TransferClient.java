// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Done;
import dev.carovana.agent.transfer.Messages.Hello;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.Messages.Refused;
import dev.carovana.agent.transfer.Messages.Standing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The source's end of one connection. Files may be sent by several threads at once. */
public final class TransferClient implements AutoCloseable {
    private final SSLSocket socket;
    private final FrameInput in;
    private final FrameOutput out;
    private final Duration stallTimeout;
    private final CompletableFuture<Standing> welcome = new CompletableFuture<>();
    private final CompletableFuture<Boolean> received = new CompletableFuture<>();
    private final CompletableFuture<Standing> outcome = new CompletableFuture<>();
    private final AtomicInteger lastFile = new AtomicInteger();
    private final AtomicInteger files = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable Heartbeat heartbeat;

    private TransferClient(SSLSocket socket, Options options) throws IOException {
        this.socket = socket;
        this.in = new FrameInput(socket.getInputStream());
        this.out = new FrameOutput(socket.getOutputStream(), new RateLimit(options.bytesPerSecond()));
        this.stallTimeout = options.stallTimeout();
    }

    /**
     * @param bytesPerSecond 0 for no limit
     * @param stallTimeout after which a silent peer counts as gone
     */
    public record Options(SSLContext tls, long bytesPerSecond, Duration stallTimeout) {}

    /** @param site that the peer's certificate must name */
    public static TransferClient connect(InetSocketAddress address, String site, Options options) throws IOException {
        SSLSocket socket = (SSLSocket) options.tls().getSocketFactory().createSocket();
        try {
            socket.setEnabledProtocols(TransferTls.PROTOCOLS);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) options.stallTimeout().toMillis());
            socket.connect(address, (int) options.stallTimeout().toMillis());
            socket.startHandshake();
            String peer = TransferTls.peer(socket);
            if (!peer.equals(site)) {
                throw new RefusedException("WrongSite", address + " is site " + peer + ", expected " + site);
            }
            return new TransferClient(socket, options);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** @param address of the source pod, empty if files will not follow */
    public Standing hello(String migration, String token, boolean transfer, String address) throws IOException {
        out.send(FrameType.HELLO, new Hello(Hello.VERSION, migration, token, transfer, address));
        Thread.ofPlatform().daemon().name("transfer-answers").start(this::read);
        heartbeat = Heartbeat.start(out, stallTimeout.dividedBy(4));
        return await(welcome, stallTimeout);
    }

    private void read() {
        try {
            while (true) {
                Frame frame = in.next();
                switch (frame.type()) {
                    case WELCOME -> welcome.complete(frame.json(Standing.class));
                    case RECEIVED -> received.complete(true);
                    case OUTCOME -> outcome.complete(frame.json(Standing.class));
                    case REFUSED -> {
                        Refused refused = frame.json(Refused.class);
                        throw new RefusedException(refused.reason(), refused.message());
                    }
                    case HELLO, OPEN, DATA, COPY, CLOSE, DONE, END, CANCEL, PING ->
                        throw new ProtocolException("unexpected frame " + frame.type());
                }
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void fail(IOException e) {
        welcome.completeExceptionally(e);
        received.completeExceptionally(e);
        outcome.completeExceptionally(e);
        closeSocket(); // ends a write that waits for a dead peer
    }

    /** Begins a file; its bytes go through the returned stream in order. */
    public OutgoingFile open(Kind kind, String owner, String name, List<String> deletes) throws IOException {
        return new OutgoingFile(
                out, new Messages.Open(lastFile.incrementAndGet(), kind, owner, name, deletes), size -> {
                    files.incrementAndGet();
                    bytes.addAndGet(size);
                });
    }

    /** Says that everything was sent and waits until the destination has checked it. */
    public void done() throws IOException {
        out.send(FrameType.DONE, new Done(files.get(), bytes.get()));
        await(received, null);
    }

    /** The handover. Once this was called, whether it succeeds or not, the destination may have it. */
    public void end() throws IOException {
        out.send(FrameType.END, new Messages.Empty());
    }

    public void cancel() throws IOException {
        out.send(FrameType.CANCEL, new Messages.Empty());
    }

    /** What became of the migration at the destination; fails when the connection breaks. */
    public CompletableFuture<Standing> outcome() {
        return outcome;
    }

    /** Bytes written so far, before encryption. */
    public long bytesSent() {
        return out.bytes();
    }

    /** Why the connection broke, where the peer said so: a write that fails only says that it did. */
    public IOException explain(IOException failure) {
        return welcome.isDone() && outcome.isCompletedExceptionally() ? cause(outcome, failure) : failure;
    }

    private static IOException cause(CompletableFuture<?> future, IOException otherwise) {
        return future.exceptionNow() instanceof RefusedException refused ? refused : otherwise;
    }

    private <T> T await(CompletableFuture<T> future, @Nullable Duration limit) throws IOException {
        try {
            return limit == null ? future.get() : future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        Heartbeat running = heartbeat;
        if (running != null) {
            running.close();
        }
        closeSocket();
    }

    private void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }
}
