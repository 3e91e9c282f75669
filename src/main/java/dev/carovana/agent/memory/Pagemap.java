// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import dev.carovana.agent.criu.PagemapEntry;

/** CRIU's images of memory: {@code pages-*.img} holds it, {@code pagemap-*.img} says where it is from. */
public final class Pagemap {
    static final int MAGIC = 0x56084025;
    /** The pages are in the parent's images. */
    static final int PARENT = 1;
    /** The pages are in this dump's images. */
    static final int PRESENT = 1 << 2;

    private Pagemap() {}

    /** @param pid of the process in its own namespace */
    public static String imageName(int pid) {
        return "pagemap-" + pid + ".img";
    }

    /** @param id that the pagemap tells */
    public static String pagesName(int id) {
        return "pages-" + Integer.toUnsignedString(id) + ".img";
    }

    static PagemapEntry entry(long address, long pages, int flags) {
        return PagemapEntry.newBuilder()
                .setVaddr(address)
                .setCompatNrPages(0)
                .setNrPages(pages)
                .setFlags(flags)
                .build();
    }

    static long pages(PagemapEntry entry) {
        return entry.hasNrPages() ? entry.getNrPages() : Integer.toUnsignedLong(entry.getCompatNrPages());
    }
}
