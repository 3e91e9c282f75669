// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Close;
import dev.carovana.agent.transfer.Messages.Done;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.Messages.Open;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Puts the files of one connection together and refuses whatever is not exactly what was sent. */
final class IncomingFiles {
    /** Of the file that is being written. */
    private static final class Incoming {
        final Open open;
        final Sink sink;
        final CRC32C digest = new CRC32C();
        long size;

        @Nullable
        FileChannel memory;

        Incoming(Open open, Sink sink) {
            this.open = open;
            this.sink = sink;
        }
    }

    private final Arrivals.Arrival arrival;
    private final Map<Integer, Incoming> files = new HashMap<>();
    private final byte[] scratch = new byte[Chunk.SIZE];
    private int finished;
    private long bytes;

    IncomingFiles(Arrivals.Arrival arrival) {
        this.arrival = arrival;
    }

    void open(Open open) throws IOException {
        if (files.containsKey(open.id())) {
            throw new ProtocolException("file " + open.id() + " is opened twice");
        }
        files.put(open.id(), new Incoming(open, arrival.sink(open)));
    }

    void data(ByteBuffer body) throws IOException {
        Incoming file = position(body);
        append(file, Chunk.unpack(body, scratch));
    }

    /** A piece of an image that is in the memory sent ahead. */
    void copy(ByteBuffer body) throws IOException {
        Incoming file = position(body);
        long from = body.getLong();
        int length = body.getInt();
        if (file.open.kind() != Kind.IMAGE || length < 0 || from < 0) {
            throw new ProtocolException("a copy of " + length + " bytes from " + from + " into " + file.open.name());
        }
        FileChannel memory = memory(file);
        while (length > 0) {
            ByteBuffer piece = ByteBuffer.wrap(scratch, 0, Math.min(length, scratch.length));
            while (piece.hasRemaining()) {
                if (memory.read(piece, from + piece.position()) < 0) {
                    throw new ProtocolException("a copy from beyond the memory that was sent");
                }
            }
            piece.flip();
            from += piece.remaining();
            length -= piece.remaining();
            append(file, piece);
        }
    }

    private FileChannel memory(Incoming file) throws IOException {
        FileChannel memory = file.memory;
        if (memory == null) {
            Path path = arrival.memory(file.open.owner());
            memory = FileChannel.open(path, StandardOpenOption.READ);
            file.memory = memory;
        }
        return memory;
    }

    private Incoming position(ByteBuffer body) throws ProtocolException {
        Incoming file = files.get(body.getInt());
        if (file == null) {
            throw new ProtocolException("bytes of a file that is not open");
        }
        long offset = body.getLong();
        if (offset != file.size) {
            throw new ProtocolException("bytes at " + offset + " of " + file.open.name() + " after " + file.size);
        }
        return file;
    }

    private void append(Incoming file, ByteBuffer raw) throws IOException {
        file.size += raw.remaining();
        file.digest.update(raw.array(), raw.arrayOffset() + raw.position(), raw.remaining());
        file.sink.write(raw);
    }

    void close(Close close) throws IOException {
        Incoming file = files.remove(close.id());
        if (file == null) {
            throw new ProtocolException("a file is closed that is not open");
        }
        closeMemory(file);
        if (file.size != close.size() || (int) file.digest.getValue() != close.digest()) {
            file.sink.abort();
            throw new ProtocolException("size or digest of " + file.open.kind() + " " + file.open.owner() + " "
                    + file.open.name() + " is wrong");
        }
        file.sink.finish();
        finished++;
        bytes += file.size;
    }

    void done(Done done) throws ProtocolException {
        if (!files.isEmpty() || finished != done.files() || bytes != done.bytes()) {
            throw new ProtocolException("%d files with %d bytes arrived, %d with %d were sent, %d are open"
                    .formatted(finished, bytes, done.files(), done.bytes(), files.size()));
        }
    }

    void abort() {
        for (Incoming file : files.values()) {
            closeMemory(file);
            file.sink.abort();
        }
        files.clear();
    }

    private static void closeMemory(Incoming file) {
        try (FileChannel memory = file.memory) {
            file.memory = null;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
