// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.PagemapEntry;
import dev.carovana.agent.criu.PagemapHead;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R4: what was sent ahead counts only as far as the dump has the same, at the same place. */
class IncrementIT {
    private static final int PAGE = SentPages.PAGE;
    private static final int PAGES_ID = 5;
    private static final int LAZY = 2;

    @TempDir
    private Path folder;

    private final Random random = new Random(3);
    /** The dump: each page by its address. */
    private final Map<Long, byte[]> dump = new TreeMap<>();

    private final Map<Long, byte[]> ahead = new TreeMap<>();
    private final List<PagemapEntry> dumped = new ArrayList<>();

    private byte[] page() {
        byte[] page = new byte[PAGE];
        random.nextBytes(page);
        return page;
    }

    private void dumpRow(long address, int pages, int flags) {
        dumped.add(Pagemap.entry(address, pages, flags));
        for (int page = 0; page < pages; page++) {
            dump.put(address + (long) page * PAGE, page());
        }
    }

    private Path write() throws IOException {
        ByteArrayOutputStream pages = new ByteArrayOutputStream();
        dump.values().forEach(pages::writeBytes);
        Files.write(folder.resolve("pages-5.img"), pages.toByteArray());
        return write(dumped);
    }

    private Path write(List<? extends MessageLite> entries) throws IOException {
        List<MessageLite> all = new ArrayList<>();
        all.add(PagemapHead.newBuilder().setPagesId(PAGES_ID).build());
        all.addAll(entries);
        return Files.write(folder.resolve("pagemap-1.img"), EntryImage.of(Pagemap.MAGIC, all));
    }

    private SentPages sent() {
        SentPages sent = new SentPages();
        ahead.forEach((address, page) -> sent.add(address, page, 0));
        return sent;
    }

    /** The pages that are sent, and what the image says of all. */
    private record Sent(byte[] pages, List<PagemapEntry> entries) {}

    private Sent increment() throws IOException {
        Path pagemap = write();
        try (Increment increment = Increment.of(pagemap, sent()).orElseThrow()) {
            assertThat(increment.pagesName()).isEqualTo("pages-5.img");
            byte[] buffer = new byte[16 * PAGE];
            ByteArrayOutputStream pages = new ByteArrayOutputStream();
            int length;
            while ((length = increment.readNBytes(buffer, 0, buffer.length)) > 0) {
                pages.write(buffer, 0, length);
            }
            Path image = Files.write(folder.resolve("increment.img"), increment.pagemap());
            List<PagemapEntry> entries = new ArrayList<>();
            var all = EntryImage.read(image);
            assertThat(PagemapHead.parseFrom(all.getFirst()).getPagesId()).isEqualTo(PAGES_ID);
            for (var entry : all.subList(1, all.size())) {
                entries.add(PagemapEntry.parseFrom(entry));
            }
            return new Sent(pages.toByteArray(), entries);
        }
    }

    /** What CRIU restores: a page is either in the images or in the parent's. */
    private Map<Long, byte[]> restored(Sent sent) {
        Map<Long, byte[]> memory = new LinkedHashMap<>();
        int at = 0;
        for (PagemapEntry entry : sent.entries()) {
            for (long page = 0; page < entry.getNrPages(); page++) {
                long address = entry.getVaddr() + page * PAGE;
                if ((entry.getFlags() & Pagemap.PARENT) != 0) {
                    memory.put(address, ahead.get(address));
                } else if ((entry.getFlags() & Pagemap.PRESENT) != 0) {
                    memory.put(address, Arrays.copyOfRange(sent.pages(), at, at + PAGE));
                    at += PAGE;
                }
            }
        }
        assertThat(at).as("every page that is sent belongs somewhere").isEqualTo(sent.pages().length);
        return memory;
    }

    private void assertWhole(Sent sent) {
        Map<Long, byte[]> restored = restored(sent);
        assertThat(restored.keySet()).containsExactlyElementsOf(dump.keySet());
        dump.forEach((address, page) ->
                assertThat(restored.get(address)).as("page %x", address).isEqualTo(page));
    }

    @Test
    void onlyPagesThatHaveChangedAreSent() throws IOException {
        dumpRow(0x10000, 300, Pagemap.PRESENT | LAZY);
        dumpRow(0x7f0000000000L, 40, Pagemap.PRESENT);
        ahead.putAll(dump);
        ahead.put(0x10000L, page());
        ahead.put(0x10000L + 150 * PAGE, page());
        ahead.remove(0x7f0000000000L + 39 * PAGE);
        Sent sent = increment();

        assertWhole(sent);
        assertThat(sent.pages()).hasSize(3 * PAGE);
        assertThat(sent.entries())
                .extracting(PagemapEntry::getNrPages, PagemapEntry::getFlags)
                .containsExactly(
                        tuple(1L, Pagemap.PRESENT | LAZY),
                        tuple(149L, Pagemap.PARENT),
                        tuple(1L, Pagemap.PRESENT | LAZY),
                        tuple(149L, Pagemap.PARENT),
                        tuple(39L, Pagemap.PARENT),
                        tuple(1L, Pagemap.PRESENT));
    }

    @Test
    void anythingMayHaveChanged() throws IOException {
        for (int row = 1; row < 200; row++) {
            dumpRow(row * 0x100000L, 1 + random.nextInt(60), Pagemap.PRESENT);
        }
        dump.forEach((address, page) -> {
            switch (random.nextInt(3)) {
                case 0 -> ahead.put(address, page);
                case 1 -> ahead.put(address, page());
                default -> ahead.put(address + 0x80000, page); // it has moved
            }
        });
        assertWhole(increment());
    }

    @Test
    void withNothingSentAheadAllIsSent() throws IOException {
        dumpRow(0x10000, 20, Pagemap.PRESENT);
        Sent sent = increment();

        assertWhole(sent);
        assertThat(sent.entries()).isEqualTo(dumped);
    }

    @Test
    void whatHasNoPagesInTheDumpStays() throws IOException {
        dumpRow(0x10000, 2, Pagemap.PRESENT);
        dumped.add(Pagemap.entry(0x20000, 5, LAZY));
        dumpRow(0x30000, 2, Pagemap.PRESENT);
        Sent sent = increment();

        assertThat(sent.entries()).isEqualTo(dumped);
        assertThat(sent.pages()).hasSize(4 * PAGE);
    }

    @Test
    void theOlderWayToCountIsUnderstood() throws IOException {
        dumpRow(0x10000, 2, Pagemap.PRESENT);
        dumped.set(
                0,
                dumped.getFirst().toBuilder().clearNrPages().setCompatNrPages(2).build());
        ahead.putAll(dump);

        assertWhole(increment());
    }

    @Test
    void whatALaterCriuSaysIsNotChanged() throws IOException {
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        dumpRow(0x10000, 2, Pagemap.PRESENT);
        dumped.set(0, dumped.getFirst().toBuilder().setUnknownFields(later).build());

        assertThat(Increment.of(write(), sent())).isEmpty();
    }

    @Test
    void aDumpThatIsNotWholeIsRefused() throws IOException {
        dumpRow(0x10000, 2, Pagemap.PRESENT);
        Path pagemap = write();
        Files.write(folder.resolve("pages-5.img"), new byte[2 * PAGE - 1]);
        try (Increment increment = Increment.of(pagemap, sent()).orElseThrow()) {
            assertThatThrownBy(() -> increment.read(new byte[4 * PAGE], 0, 4 * PAGE))
                    .isInstanceOf(EOFException.class)
                    .hasMessage("pages-5.img has fewer pages than its pagemap");
            assertThatThrownBy(increment::read).isInstanceOf(UnsupportedOperationException.class);
        }
        Files.write(pagemap, EntryImage.of(Pagemap.MAGIC, List.of()));
        assertThatThrownBy(() -> Increment.of(pagemap, sent())).hasMessage("pagemap-1.img is empty");
    }
}
