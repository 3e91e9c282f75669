// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import com.google.protobuf.MessageLite;
import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.PagemapEntry;
import dev.carovana.agent.criu.PagemapHead;
import java.util.ArrayList;
import java.util.List;

/** Makes a {@code pagemap-*.img}: pages that lie in one row and are to be found at the same place become one entry. */
final class PagemapBuilder {
    private final List<MessageLite> entries = new ArrayList<>();

    /** The row that was added last, and is not among the entries yet. */
    private long address;

    private long pages;
    private int flags;

    PagemapBuilder(PagemapHead head) {
        entries.add(head);
    }

    void addPage(long pageAddress, int pageFlags) {
        if (pageFlags != flags || pageAddress != address + pages * SentPages.PAGE) {
            endRow();
            address = pageAddress;
            flags = pageFlags;
        }
        pages++;
    }

    void addEntry(PagemapEntry entry) {
        endRow();
        entries.add(entry);
    }

    private void endRow() {
        if (pages > 0) {
            entries.add(Pagemap.entry(address, pages, flags));
        }
        pages = 0;
    }

    byte[] image() {
        endRow();
        return EntryImage.of(Pagemap.MAGIC, entries);
    }
}
