// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The memory of a running process, page after page, as far as CRIU would dump it: private pages that are not as in a
 * file. What changes or vanishes meanwhile does no harm, since a dump is compared with what was read.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/mm/pagemap.html">pagemap, from userspace perspective</a>
 */
public final class ProcessMemory extends InputStream {
    private static final Logger LOG = Logger.getLogger(ProcessMemory.class);
    private static final int PAGE = SentPages.PAGE;
    /** Pages of which the kernel is asked at a time. */
    private static final int BATCH = 4096;

    private static final long PRESENT = 1L << 63;
    private static final long OF_FILE = 1L << 61;

    private record Area(long begin, long end) {}

    private final FileChannel memory;
    private final FileChannel pagemap;
    private final Deque<Area> areas;
    private final SentPages sent = new SentPages();
    private final int pid;
    private long room;

    private final ByteBuffer entries = ByteBuffer.allocate(BATCH * Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .limit(0);
    /** Of the page that the next entry is of. */
    private long address;

    private ProcessMemory(Path process, long room) throws IOException {
        this.pid = ownPid(Files.readAllLines(process.resolve("status")));
        this.areas = areas(Files.readAllLines(process.resolve("maps")));
        this.room = room;
        this.memory = FileChannel.open(process.resolve("mem"));
        this.pagemap = FileChannel.open(process.resolve("pagemap"));
    }

    /**
     * Empty if the process has ended.
     *
     * @param process its folder in /proc
     * @param room most bytes to be read
     */
    public static Optional<ProcessMemory> of(Path process, long room) {
        try {
            return Optional.of(new ProcessMemory(process, room));
        } catch (IOException e) {
            LOG.debugf("%s: %s", process, e.getMessage());
            return Optional.empty();
        }
    }

    /** The pages that have been read. */
    public SentPages sent() {
        return sent;
    }

    /** The process's id in its own namespace, by which CRIU names its images. */
    public int pid() {
        return pid;
    }

    private static int ownPid(List<String> status) throws IOException {
        for (String line : status) {
            if (line.startsWith("NSpid:")) {
                return Integer.parseInt(line.substring(line.lastIndexOf('\t') + 1));
            }
        }
        throw new IOException("the kernel does not tell the process's id in its own namespace");
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("whole pages only");
    }

    /** Reads one or several whole pages, as many as lie together. */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int most = (int) Math.min(length, room) / PAGE;
        while (most > 0) {
            int count = nextRow(most);
            if (count == 0) {
                return -1;
            }
            long from = address - (long) count * PAGE;
            int read = pages(into, offset, from, count);
            for (int page = 0; page < read; page++) {
                sent.add(from + (long) page * PAGE, into, offset + page * PAGE);
            }
            if (read > 0) {
                room -= (long) read * PAGE;
                return read * PAGE;
            }
        }
        return -1;
    }

    /** Goes past the next pages that a dump would have, and gives their number; 0 at the end. */
    private int nextRow(int most) throws IOException {
        int count = 0;
        while (count == 0) {
            if (!entries.hasRemaining() && !nextEntries()) {
                return 0;
            }
            while (entries.hasRemaining() && count < most) {
                boolean wanted = (entries.getLong(entries.position()) & (PRESENT | OF_FILE)) == PRESENT;
                if (!wanted && count > 0) {
                    break;
                }
                entries.position(entries.position() + Long.BYTES);
                address += PAGE;
                count += wanted ? 1 : 0;
            }
        }
        return count;
    }

    private boolean nextEntries() throws IOException {
        while (true) {
            Area area = areas.poll();
            if (area == null) {
                return false;
            }
            long pages = (area.end() - area.begin()) / PAGE;
            if (pages > BATCH) {
                areas.addFirst(new Area(area.begin() + (long) BATCH * PAGE, area.end()));
            }
            entries.clear().limit((int) Math.min(pages, BATCH) * Long.BYTES);
            address = area.begin();
            if (fill(entries, pagemap, address / PAGE * Long.BYTES) > 0) {
                return true;
            }
        }
    }

    /** Without what no dump has: shared mappings, what is only reserved, and the kernel's own. */
    private static Deque<Area> areas(List<String> maps) {
        Deque<Area> areas = new ArrayDeque<>();
        for (String line : maps) {
            int dash = line.indexOf('-');
            int space = line.indexOf(' ');
            String access = line.substring(space + 1, space + 5);
            if (access.endsWith("p") && !access.startsWith("---") && !line.contains(" [v")) {
                areas.add(new Area(
                        Long.parseUnsignedLong(line, 0, dash, 16), Long.parseUnsignedLong(line, dash + 1, space, 16)));
            }
        }
        return areas;
    }

    private int pages(byte[] into, int offset, long from, int count) {
        return fill(ByteBuffer.wrap(into, offset, count * PAGE), memory, from) / PAGE;
    }

    /** Fills a buffer, up to what is not there any more, and flips it; gives the number of bytes. */
    private static int fill(ByteBuffer buffer, FileChannel file, long from) {
        int begin = buffer.position();
        try {
            while (buffer.hasRemaining() && file.read(buffer, from + buffer.position() - begin) > 0) {
                // goes on
            }
        } catch (IOException e) {
            buffer.limit(buffer.position()); // unmapped meanwhile
        }
        int bytes = buffer.position() - begin;
        buffer.limit(buffer.position()).position(begin);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        memory.close();
        pagemap.close();
    }
}
