// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.memory.SentPages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pages of a process that madvise(MADV_GUARD_INSTALL) has made guards, as C libraries do below the stacks of threads (glibc
 * since 2.42). CRIU makes them anew, which needs Linux 6.13 at the destination.
 */
final class GuardPages {
    /** As Linux' Documentation/admin-guide/mm/pagemap.rst says; since 6.15. */
    private static final long GUARD = 1L << 58;

    private static final int BATCH = 1 << 16;
    /** A private mapping of no file that can be written to. */
    private static final Pattern ANONYMOUS = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) rw.p \\S+ \\S+ 0(?:\\s.*)?");

    private GuardPages() {}

    /** @param process its folder in /proc */
    static boolean areIn(Path process) {
        try (FileChannel pagemap = FileChannel.open(process.resolve("pagemap"))) {
            List<String> mappings = Files.readAllLines(process.resolve("maps"));
            ByteBuffer entries = ByteBuffer.allocateDirect(BATCH).order(ByteOrder.nativeOrder());
            for (String mapping : mappings) {
                Matcher range = ANONYMOUS.matcher(mapping);
                if (range.matches() && areIn(pagemap, entries, entryOf(range.group(1)), entryOf(range.group(2)))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // it has just ended
        }
    }

    private static long entryOf(String address) {
        return Long.parseUnsignedLong(address, 16) / SentPages.PAGE * Long.BYTES;
    }

    private static boolean areIn(FileChannel pagemap, ByteBuffer entries, long from, long to) throws IOException {
        for (long at = from; at < to; at += entries.limit()) {
            entries.clear().limit((int) Math.min(BATCH, to - at));
            if (pagemap.read(entries, at) < entries.limit()) {
                return false;
            }
            for (int i = 0; i < entries.limit(); i += Long.BYTES) {
                if ((entries.getLong(i) & GUARD) != 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
