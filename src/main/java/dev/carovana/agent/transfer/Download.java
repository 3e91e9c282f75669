// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Takes the files of one connection apart, and makes sure that each is what was sent. One thread only. */
final class Download implements AutoCloseable {
    private static final class OpenFile {
        final Sink sink;
        final FileDigest digest = new FileDigest();
        long size;

        OpenFile(Sink sink) {
            this.sink = sink;
        }
    }

    private final TransferServer.Session session;
    private final Map<Integer, OpenFile> open = new HashMap<>();
    private final byte[] scratch = new byte[Chunk.SIZE];
    private int files;
    private long bytes;

    Download(TransferServer.Session session) {
        this.session = session;
    }

    void take(Frame frame) throws IOException {
        switch (frame.type()) {
            case OPEN -> {
                Messages.Open begin = frame.json(Messages.Open.class);
                if (open.containsKey(begin.id())) {
                    throw new ProtocolException("file " + begin.id() + " begins twice");
                }
                open.put(begin.id(), new OpenFile(session.file(begin)));
            }
            case DATA -> data(frame.body());
            case CLOSE -> close(frame.json(Messages.Close.class));
            default -> throw new ProtocolException("frame " + frame.type() + " is not of a file");
        }
    }

    private void data(ByteBuffer body) throws IOException {
        int id = body.getInt();
        long offset = body.getLong();
        OpenFile file = find(id);
        if (offset != file.size) {
            throw new ProtocolException("file " + id + ": bytes from " + offset + ", expected from " + file.size);
        }
        file.digest.add(Chunk.digest(body));
        ByteBuffer raw = Chunk.unpack(body, scratch);
        file.size += raw.remaining();
        file.sink.write(raw);
    }

    private void close(Messages.Close end) throws IOException {
        OpenFile file = find(end.id());
        if (file.size != end.size() || file.digest.value() != end.digest()) {
            throw new ProtocolException("file " + end.id() + " is not what was sent: " + file.size + " bytes of "
                    + end.size() + ", or its digest is wrong");
        }
        file.sink.finish();
        open.remove(end.id());
        files++;
        bytes += file.size;
    }

    void done(Messages.Done end) throws ProtocolException {
        if (!open.isEmpty() || files != end.files() || bytes != end.bytes()) {
            throw new ProtocolException(files + " files with " + bytes + " bytes arrived whole, " + end.files()
                    + " with " + end.bytes() + " were sent");
        }
    }

    private OpenFile find(int id) throws ProtocolException {
        OpenFile file = open.get(id);
        if (file == null) {
            throw new ProtocolException("file " + id + " was not begun");
        }
        return file;
    }

    @Override
    public void close() {
        open.values().forEach(file -> file.sink.abandon());
    }
}
