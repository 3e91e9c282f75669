// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.PagemapEntry;
import dev.carovana.agent.criu.PagemapHead;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * The pages of a process in a dump, without those that were sent ahead and are the same. Read to its end it is the image of
 * pages; then {@link #pagemap} gives the image that goes with it.
 */
public final class Increment extends InputStream {
    private static final int PAGE = SentPages.PAGE;

    private final SentPages sent;
    private final String pagesName;
    private final InputStream pages;
    private final Queue<PagemapEntry> dumped;
    private final PagemapBuilder increment;

    /** What is read next of the dump: pages in one row. */
    private long address;

    private long left;
    private int flags;

    private Increment(Path folder, PagemapHead head, Queue<PagemapEntry> dumped, SentPages sent) throws IOException {
        this.sent = sent;
        this.dumped = dumped;
        this.pagesName = Pagemap.pagesName(head.getPagesId());
        this.pages = Files.newInputStream(folder.resolve(pagesName));
        this.increment = new PagemapBuilder(head);
    }

    /**
     * Empty if a later CRIU says more of pages than is known here: such a dump has to be sent as it is.
     *
     * @param pagemap of the process in the dump, beside its pages
     */
    public static Optional<Increment> of(Path pagemap, SentPages sent) throws IOException {
        List<ByteBuffer> image = EntryImage.read(pagemap);
        if (image.isEmpty()) {
            throw new IOException(pagemap.getFileName() + " is empty");
        }
        Queue<PagemapEntry> dumped = new ArrayDeque<>();
        for (ByteBuffer bytes : image.subList(1, image.size())) {
            PagemapEntry entry = PagemapEntry.parseFrom(bytes);
            if (!entry.getUnknownFields().asMap().isEmpty()) {
                return Optional.empty();
            }
            dumped.add(entry);
        }
        return Optional.of(
                new Increment(pagemap.resolveSibling("."), PagemapHead.parseFrom(image.getFirst()), dumped, sent));
    }

    /** The name of the image of pages. */
    public String pagesName() {
        return pagesName;
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("whole pages only");
    }

    /** Reads one or several whole pages. */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (left > 0 || nextEntry()) {
            int count = (int) Math.min(left, length / PAGE);
            if (pages.readNBytes(into, offset, count * PAGE) < count * PAGE) {
                throw new EOFException(pagesName + " has fewer pages than its pagemap");
            }
            int changed = keepChanged(into, offset, count);
            left -= count;
            if (changed > 0) {
                return changed * PAGE;
            }
        }
        return -1;
    }

    private boolean nextEntry() {
        while (true) {
            PagemapEntry entry = dumped.poll();
            if (entry == null) {
                return false;
            }
            address = entry.getVaddr();
            flags = entry.getFlags();
            if ((flags & Pagemap.PRESENT) != 0) {
                left = Pagemap.pages(entry);
                return true;
            }
            increment.addEntry(entry);
        }
    }

    /** Moves the pages that have changed to the front, and gives their number. */
    private int keepChanged(byte[] bytes, int offset, int count) {
        int changed = 0;
        for (int page = 0; page < count; page++) {
            int at = offset + page * PAGE;
            if (sent.has(address, bytes, at)) {
                increment.addPage(address, Pagemap.PARENT);
            } else {
                System.arraycopy(bytes, at, bytes, offset + changed++ * PAGE, PAGE);
                increment.addPage(address, flags);
            }
            address += PAGE;
        }
        return changed;
    }

    /** Where the pages are: in this image, or in the one that was sent ahead. */
    public byte[] pagemap() {
        return increment.image();
    }

    @Override
    public void close() throws IOException {
        pages.close();
    }
}
