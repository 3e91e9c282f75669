// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The pages that have been sent ahead, by what they hold: where a page lies in a dump need not be known. Filled by one
 * thread, then read by several.
 */
public final class PageIndex {
    /** Bytes of a page, of every kernel for x86-64. */
    public static final int PAGE = 4096;

    private static final int INITIAL = 1024;

    private long[] digests = new long[INITIAL];
    /** Open addressing: number of a page plus one, 0 where there is none. At most half full. */
    private int[] table = new int[2 * INITIAL];

    private int pages;

    /** Adds the next page that is sent. */
    public void add(byte[] bytes, int offset) {
        if (pages == digests.length) {
            grow();
        }
        digests[pages] = digest(bytes, offset);
        put(pages++);
    }

    private void grow() {
        digests = Arrays.copyOf(digests, 2 * pages);
        table = new int[2 * digests.length];
        for (int page = 0; page < pages; page++) {
            put(page);
        }
    }

    private void put(int page) {
        table[slot(digests[page])] = page + 1;
    }

    /** Where a page with this digest is, or would be. Of pages that hold the same, one is remembered. */
    private int slot(long digest) {
        int slot = (int) digest & table.length - 1;
        while (table[slot] != 0 && digests[table[slot] - 1] != digest) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    /**
     * A piece of a dump.
     *
     * @param from where it begins in what was sent ahead, or less than 0 if it was not
     */
    public record Piece(int length, long from) {
        public boolean isNew() {
            return from < 0;
        }
    }

    /** The longest piece from a position on that is either new, or in one row in what was sent. */
    public Piece piece(byte[] bytes, int begin, int end) {
        if (pages == 0) {
            return new Piece(end - begin, -1);
        }
        int first = find(bytes, begin, end, 0);
        int following = first + 1;
        int at = begin + PAGE;
        while (at < end) {
            int page = find(bytes, at, end, following);
            if (first < 0 ? page >= 0 : page != following) {
                break;
            }
            following++;
            at += PAGE;
        }
        return new Piece(Math.min(at, end) - begin, (long) first * PAGE);
    }

    /**
     * The number, in the order in which they were sent, of a page that holds the same, or -1.
     *
     * @param expected is preferred, so that a row of pages stays one
     */
    private int find(byte[] bytes, int offset, int end, int expected) {
        if (end - offset < PAGE) {
            return -1;
        }
        long digest = digest(bytes, offset);
        if (expected < pages && digests[expected] == digest) {
            return expected;
        }
        return table[slot(digest)] - 1;
    }

    /** Both are instructions of every CPU. That the pages are the same is made sure of at the destination. */
    private static long digest(byte[] bytes, int offset) {
        CRC32C one = new CRC32C();
        one.update(bytes, offset, PAGE);
        CRC32 other = new CRC32();
        other.update(bytes, offset, PAGE);
        return other.getValue() << Integer.SIZE | one.getValue();
    }
}
