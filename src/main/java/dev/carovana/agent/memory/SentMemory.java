// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The memory that was sent ahead, as this side kept it. A page of the dump is looked for by its content, wherever it
 * came from, and compared byte by byte: a digest that happens to be equal never decides.
 */
public final class SentMemory implements AutoCloseable {
    public static final int PAGE = 4096;
    private static final int FREE = -1;

    private final FileChannel file;
    private int[] slots = emptySlots(1 << 12);
    private int[] digests = new int[1 << 10];
    private int pages;

    private SentMemory(FileChannel file) {
        this.file = file;
    }

    public static SentMemory create(Path path) throws IOException {
        return new SentMemory(FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    }

    private static int[] emptySlots(int size) {
        int[] slots = new int[size];
        Arrays.fill(slots, FREE);
        return slots;
    }

    /** Keeps pages that were sent. */
    public void add(byte[] bytes, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
        long position = (long) pages * PAGE;
        while (buffer.hasRemaining()) {
            file.write(buffer, position + buffer.position());
        }
        for (int offset = 0; offset < length; offset += PAGE) {
            remember(digest(bytes, offset));
        }
    }

    private void remember(int digest) {
        if (pages == digests.length) {
            digests = Arrays.copyOf(digests, 2 * pages);
            slots = emptySlots(4 * slots.length);
            for (int page = 0; page < pages; page++) {
                place(page);
            }
        }
        digests[pages] = digest;
        place(pages++);
    }

    private void place(int page) {
        int slot = slot(digests[page]);
        while (slots[slot] != FREE) {
            if (digests[slots[slot]] == digests[page]) {
                return; // one page of each content is enough
            }
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = page;
    }

    private int slot(int digest) {
        return digest & slots.length - 1;
    }

    int pages() {
        return pages;
    }

    /** A page with this digest, or -1. */
    int candidate(byte[] bytes, int offset) {
        int digest = digest(bytes, offset);
        for (int slot = slot(digest); slots[slot] != FREE; slot = slot + 1 & slots.length - 1) {
            if (digests[slots[slot]] == digest) {
                return slots[slot];
            }
        }
        return -1;
    }

    /** Reads pages into the buffer from its offset on, as many as fit or are there; gives the offset after them. */
    int read(int page, byte[] into, int offset, int end) throws IOException {
        int available = (int) Math.min(end - (long) offset, (long) (pages - page) * PAGE);
        ByteBuffer buffer = ByteBuffer.wrap(into, offset, Math.max(0, available));
        long position = (long) page * PAGE;
        while (buffer.hasRemaining()) {
            int count = file.read(buffer, position);
            if (count < 0) {
                throw new IOException("the memory that was kept is shorter than it was");
            }
            position += count;
        }
        return buffer.position();
    }

    private static int digest(byte[] bytes, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, PAGE);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
