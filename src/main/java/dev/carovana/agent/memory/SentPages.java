// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import dev.carovana.agent.criu.PagemapHead;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** The pages of one process that were sent ahead. Filled by one thread, then read by others. */
public final class SentPages {
    /** Bytes of a page, of every kernel for x86-64. */
    public static final int PAGE = 4096;

    private static final int INITIAL = 1024;

    private long[] addresses = new long[INITIAL];
    private long[] digests = new long[INITIAL];
    private int count;

    /** @param address higher than that of any before */
    public void add(long address, byte[] bytes, int offset) {
        if (count == addresses.length) {
            addresses = Arrays.copyOf(addresses, 2 * count);
            digests = Arrays.copyOf(digests, 2 * count);
        }
        addresses[count] = address;
        digests[count] = digest(bytes, offset);
        count++;
    }

    /** Whether the page that was sent from this address holds the same. */
    public boolean has(long address, byte[] bytes, int offset) {
        int page = Arrays.binarySearch(addresses, 0, count, address);
        return page >= 0 && digests[page] == digest(bytes, offset);
    }

    /**
     * The image that says where these pages are from.
     *
     * @param pagesId number in the name of the image that holds them
     */
    public byte[] pagemap(int pagesId) {
        PagemapBuilder pagemap =
                new PagemapBuilder(PagemapHead.newBuilder().setPagesId(pagesId).build());
        for (int page = 0; page < count; page++) {
            pagemap.addPage(addresses[page], Pagemap.PRESENT);
        }
        return pagemap.image();
    }

    /** Both are instructions of every CPU, and together as good as any 64 bits against chance. */
    private static long digest(byte[] bytes, int offset) {
        CRC32C one = new CRC32C();
        one.update(bytes, offset, PAGE);
        CRC32 other = new CRC32();
        other.update(bytes, offset, PAGE);
        return other.getValue() << Integer.SIZE | one.getValue();
    }
}
