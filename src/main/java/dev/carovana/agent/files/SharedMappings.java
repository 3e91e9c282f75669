// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.regex.Pattern;

/** Files that processes have in their memory: what they write there does not show in a file's times (docs/adr/0017). */
public final class SharedMappings {
    /** A line of /proc/PID/maps: a file that may be written through memory. What is no file has no absolute path. */
    private static final Pattern WRITABLE_FILE =
            Pattern.compile("\\S+ .w.s \\S+ \\S+ \\d+ +/(?!memfd:|dev/zero|SYSV).*");

    private SharedMappings() {}

    /**
     * Whether one of the processes can change a file so.
     *
     * @param processes their folders in /proc
     */
    public static boolean areWritable(Collection<Path> processes) throws IOException {
        for (Path process : processes) {
            try {
                if (Files.readAllLines(process.resolve("maps"), StandardCharsets.ISO_8859_1).stream()
                        .anyMatch(line -> WRITABLE_FILE.matcher(line).matches())) {
                    return true;
                }
            } catch (IOException e) {
                if (Files.exists(process)) {
                    throw e;
                } // else it has just ended
            }
        }
        return false;
    }
}
