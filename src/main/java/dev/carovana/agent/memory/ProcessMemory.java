// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the pages of a running process that a dump would contain: private pages that are not a file's own. */
final class ProcessMemory {
    /** Receives some pages. */
    interface PageConsumer {
        void accept(byte[] bytes, int length) throws IOException;
    }

    record Range(long start, long end) {}

    private static final Pattern MAPPING =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) [-r][-w][-x]([ps]) \\S+ \\S+ \\S+\\s*(.*)");
    private static final long PRESENT = 1L << 63;
    private static final long OF_A_FILE = 1L << 61;

    private final Path process;
    private final byte[] buffer;

    /** @param process its folder in /proc */
    ProcessMemory(Path process, int bufferSize) {
        this.process = process;
        this.buffer = new byte[bufferSize];
    }

    void read(PageConsumer consumer) throws IOException {
        try (FileChannel map = FileChannel.open(process.resolve("pagemap"), StandardOpenOption.READ);
                FileChannel memory = FileChannel.open(process.resolve("mem"), StandardOpenOption.READ)) {
            for (Range mapping : mappings(Files.readAllLines(process.resolve("maps")))) {
                for (Range run : present(map, mapping)) {
                    read(memory, run, consumer);
                }
            }
        }
    }

    static List<Range> mappings(List<String> maps) {
        List<Range> ranges = new ArrayList<>();
        for (String line : maps) {
            Matcher mapping = MAPPING.matcher(line);
            if (mapping.matches()
                    && mapping.group(3).equals("p")
                    && !mapping.group(4).startsWith("[v")) {
                ranges.add(new Range(
                        Long.parseUnsignedLong(mapping.group(1), 16), Long.parseUnsignedLong(mapping.group(2), 16)));
            }
        }
        return ranges;
    }

    private static List<Range> present(FileChannel map, Range mapping) throws IOException {
        List<Range> runs = new ArrayList<>();
        ByteBuffer entries = ByteBuffer.allocate(1 << 15).order(ByteOrder.LITTLE_ENDIAN);
        long address = mapping.start();
        long start = -1;
        while (address < mapping.end()) {
            entries.clear();
            entries.limit((int) Math.min(entries.capacity(), (mapping.end() - address) / SentMemory.PAGE * Long.BYTES));
            if (map.read(entries, address / SentMemory.PAGE * Long.BYTES) <= 0) {
                break;
            }
            entries.flip();
            while (entries.remaining() >= Long.BYTES) {
                boolean wanted = (entries.getLong() & (PRESENT | OF_A_FILE)) == PRESENT;
                if (wanted && start < 0) {
                    start = address;
                } else if (!wanted && start >= 0) {
                    runs.add(new Range(start, address));
                    start = -1;
                }
                address += SentMemory.PAGE;
            }
        }
        if (start >= 0) {
            runs.add(new Range(start, address));
        }
        return runs;
    }

    private void read(FileChannel memory, Range run, PageConsumer consumer) throws IOException {
        long address = run.start();
        while (address < run.end()) {
            int length = (int) Math.min(buffer.length, run.end() - address);
            int count;
            try {
                count = memory.read(ByteBuffer.wrap(buffer, 0, length), address);
            } catch (IOException e) {
                return; // unmapped meanwhile: the dump will have what is there then
            }
            int whole = count - Math.floorMod(count, SentMemory.PAGE);
            if (whole <= 0) {
                return;
            }
            consumer.accept(buffer, whole);
            address += whole;
        }
    }
}
