// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.files.TreeSnapshot;
import dev.carovana.agent.runtime.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much of a tree is to be sent: a file may be much longer than what it has. */
final class Occupied {
    /** Below it nothing is asked: blocks are rounded up. */
    private static final long SMALL = 1 << 20;

    private static final Pattern TOTAL = Pattern.compile("^(\\d+)\\t.*", Pattern.MULTILINE);

    private Occupied() {}

    static long bytes(Path root, TreeSnapshot tree) throws IOException {
        long length = tree.bytes();
        if (length < SMALL) {
            return length;
        }
        // it also says what has vanished meanwhile
        String said = Node.execute(List.of("du", "-sx", "--block-size=1", root.toString()))
                .output();
        Matcher total = TOTAL.matcher(said);
        return total.find() ? Math.min(length, Long.parseLong(total.group(1))) : length;
    }
}
