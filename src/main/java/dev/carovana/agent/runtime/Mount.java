// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.nio.file.Path;
import java.util.List;

/**
 * A line of {@code /proc/PID/mountinfo}.
 *
 * @param root which part of the file system it shows
 * @param point where
 * @param options of the mount
 * @param type of the file system
 * @param fileSystemOptions of the file system, as one text
 */
public record Mount(String root, Path point, List<String> options, String type, String fileSystemOptions) {
    /** @param line as {@link FileNames} have it */
    public static Mount parse(String line) {
        List<String> fields = List.of(line.split(" "));
        int type = fields.indexOf("-") + 1; // behind as many optional fields as there are
        return new Mount(
                fields.get(3),
                FileNames.path(fields.get(4)),
                List.of(fields.get(5).split(",")),
                fields.get(type),
                fields.getLast());
    }
}
