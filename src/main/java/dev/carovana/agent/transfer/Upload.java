// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.Messages.Standing;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** The source's end of one connection. Several threads may send files at the same time; one waits for answers. */
public final class Upload implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final SSLSocket socket;
    private final FrameOutput out;
    private final FrameInput in;
    private final Heartbeat heartbeat;
    private final BlockingQueue<CompletableFuture<Standing>> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicInteger files = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    private Upload(SSLSocket socket, long bytesPerSecond, Duration stall) throws IOException {
        this.socket = socket;
        this.out = new FrameOutput(socket.getOutputStream(), new RateLimit(bytesPerSecond));
        this.in = new FrameInput(socket.getInputStream());
        this.heartbeat = Heartbeat.start(out, stall.dividedBy(4));
    }

    /**
     * Connects and introduces itself.
     *
     * @param site what the peer's certificate must say
     * @throws RefusedException if the destination does not know the migration, or does not want it
     */
    public static Upload connect(
            SSLContext tls, String address, String site, Messages.Hello hello, long bytesPerSecond, Duration stall)
            throws IOException {
        int colon = address.lastIndexOf(':');
        Socket plain = new Socket();
        try {
            plain.setTcpNoDelay(true);
            plain.connect(
                    new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                    (int) CONNECT.toMillis());
            SSLSocket socket = (SSLSocket)
                    tls.getSocketFactory().createSocket(plain, address.substring(0, colon), plain.getPort(), true);
            socket.setEnabledProtocols(TransferTls.PROTOCOLS);
            socket.setSoTimeout((int) stall.toMillis());
            socket.startHandshake();
            String peer = TransferTls.peer(socket);
            if (!peer.equals(site)) {
                throw new ProtocolException(address + " is site '" + peer + "', expected '" + site + "'");
            }
            Upload upload = new Upload(socket, bytesPerSecond, stall);
            upload.out.send(FrameType.HELLO, hello);
            Thread.ofPlatform().daemon().name("transfer-answers").start(upload::listen);
            return upload;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    /**
     * Reads all the time, so that a peer that refuses, or is silent for too long, ends a write too: a full connection to a
     * peer that is gone would otherwise wait for a quarter of an hour, with the pod frozen.
     */
    private void listen() {
        byte[] buffer = new byte[64 << 10];
        try {
            while (true) {
                answers.add(CompletableFuture.completedFuture(answer(in.next(buffer))));
            }
        } catch (IOException | RuntimeException e) {
            answers.add(CompletableFuture.failedFuture(e));
            ended.completeExceptionally(e);
            closeSocket();
        }
    }

    private static Standing answer(Frame frame) throws IOException {
        return switch (frame.type()) {
            case WELCOME, RECEIVED, OUTCOME -> frame.json(Standing.class);
            case REFUSED -> {
                Messages.Refused refused = frame.json(Messages.Refused.class);
                throw new RefusedException(refused.reason(), refused.message());
            }
            default -> throw new ProtocolException("frame " + frame.type() + " where an answer was expected");
        };
    }

    /** The next answer of the destination. A connection that broke stays broken. */
    public Standing standing() throws IOException {
        try {
            CompletableFuture<Standing> next = answers.take();
            if (next.isCompletedExceptionally()) {
                answers.add(next);
            }
            return next.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException problem ? problem : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the destination", e);
        }
    }

    /** Fails when the connection has ended, with the reason. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Nothing that was sent stays here until more follows. */
    public void flush() throws IOException {
        out.flush();
    }

    /** Why the destination ended the connection, if it said so: who writes only learns that it is closed. */
    public Optional<RefusedException> refusal() {
        return answers.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .map(CompletableFuture::exceptionNow)
                .filter(RefusedException.class::isInstance)
                .map(RefusedException.class::cast)
                .findFirst();
    }

    /** Sends an image of a container's memory ahead of its dump. */
    public long memory(String container, String name, InputStream content) throws IOException {
        return send(open(Kind.MEMORY, container, name, List.of()), content, Chunk.SIZE);
    }

    /** Sends a file of a dump. */
    public long image(String container, Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return send(
                    open(Kind.IMAGE, container, file.getFileName().toString(), List.of()),
                    content,
                    Math.max(1, Files.size(file)));
        }
    }

    /** Sends a file of a dump that is not as CRIU wrote it. */
    public long image(String container, String name, InputStream content) throws IOException {
        return send(open(Kind.IMAGE, container, name, List.of()), content, Chunk.SIZE);
    }

    /** Sends a tree as a tar stream. */
    public long tree(Kind kind, String owner, String name, List<String> deletes, InputStream tar) throws IOException {
        return send(open(kind, owner, name, deletes), tar, Chunk.SIZE);
    }

    private Messages.Open open(Kind kind, String owner, String name, List<String> deletes) {
        return new Messages.Open(files.getAndIncrement(), kind, owner, name, deletes);
    }

    private long send(Messages.Open open, InputStream content, long size) throws IOException {
        out.write(FrameType.OPEN, open);
        ChunkMaker chunks = new ChunkMaker(out.gain());
        FileDigest whole = new FileDigest();
        byte[] buffer = new byte[(int) Math.min(Chunk.SIZE, size)];
        long offset = 0;
        int length;
        while ((length = content.readNBytes(buffer, 0, buffer.length)) > 0) {
            Chunk chunk = chunks.make(buffer, length);
            whole.add(chunk.digest());
            out.data(open.id(), offset, chunk);
            offset += length;
        }
        out.write(FrameType.CLOSE, new Messages.Close(open.id(), offset, whole.value()));
        bytes.addAndGet(offset);
        return offset;
    }

    /** Everything was sent; the destination answers RECEIVED when it has checked all of it. */
    public void done() throws IOException {
        out.send(FrameType.DONE, new Messages.Done(files.get(), bytes.get()));
    }

    /** The handover. */
    public void end(Messages.End measured) throws IOException {
        out.send(FrameType.END, measured);
    }

    /** Asks that the migration never be restored; the answer says whether that was possible. */
    public void cancel() throws IOException {
        out.send(FrameType.CANCEL, new Messages.Empty());
    }

    /** Bytes that went over the wire. */
    public long bytesSent() {
        return out.bytes();
    }

    @Override
    public void close() {
        heartbeat.close();
        closeSocket();
    }

    private void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
