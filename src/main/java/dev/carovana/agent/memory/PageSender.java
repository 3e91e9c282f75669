// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import dev.carovana.agent.transfer.OutgoingFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Sends a file of memory pages, the pages that were sent ahead by reference only. Pages mostly come in the order in which
 * they were sent, so the page after the last one found is tried before its digest is looked up.
 */
public final class PageSender {
    private static final int PAGE = SentMemory.PAGE;
    private static final int NONE = -1;

    private final SentMemory memory;
    private final OutgoingFile out;
    private final byte[] raw = new byte[OutgoingFile.PIECE];
    private final byte[] sent = new byte[OutgoingFile.PIECE];
    /** The part of {@link #sent} that holds what is expected at the same place of {@link #raw}. */
    private int sentEnd;
    /** The page that is expected next, or none. */
    private int expected = NONE;

    private int runStart;
    private int runPage = NONE;

    public PageSender(SentMemory memory, OutgoingFile out) {
        this.memory = memory;
        this.out = out;
    }

    public void send(InputStream pages) throws IOException {
        while (true) {
            int length = pages.readNBytes(raw, 0, raw.length);
            if (length == 0) {
                return;
            }
            piece(length);
        }
    }

    private void piece(int length) throws IOException {
        sentEnd = 0;
        if (expected != NONE) {
            sentEnd = memory.read(expected, sent, 0, length);
        }
        runStart = 0;
        runPage = NONE;
        int whole = length - length % PAGE;
        for (int offset = 0; offset < whole; offset += PAGE) {
            int page = find(offset, whole);
            boolean continues = offset > 0
                    && (page == NONE
                            ? runPage == NONE
                            : runPage != NONE && page == runPage + (offset - runStart) / PAGE);
            if (!continues) {
                flush(offset);
                runStart = offset;
                runPage = page;
            }
        }
        flush(whole);
        if (whole < length) {
            out.data(raw, whole, length - whole);
        }
    }

    private int find(int offset, int whole) throws IOException {
        if (expected != NONE && offset < sentEnd && equal(offset)) {
            return expected++;
        }
        int candidate = memory.candidate(raw, offset);
        if (candidate != NONE) {
            memory.read(candidate, sent, offset, offset + PAGE);
            if (equal(offset)) {
                expected = candidate + 1;
                sentEnd = memory.read(expected, sent, offset + PAGE, whole);
                return candidate;
            }
            sentEnd = 0;
            expected = NONE;
            return NONE;
        }
        if (expected != NONE && ++expected >= memory.pages()) { // changed in its place: the next may be the same again
            expected = NONE;
        }
        return NONE;
    }

    private boolean equal(int offset) {
        return Arrays.equals(raw, offset, offset + PAGE, sent, offset, offset + PAGE);
    }

    private void flush(int end) throws IOException {
        if (end == runStart) {
            return;
        }
        if (runPage == NONE) {
            out.data(raw, runStart, end - runStart);
        } else {
            out.copy(raw, runStart, end - runStart, (long) runPage * PAGE);
        }
    }
}
