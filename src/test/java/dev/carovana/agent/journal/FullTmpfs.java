// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes a migration's record fail as on a tmpfs without room. */
public record FullTmpfs(Journal journal, String migration) {
    public void fill() {
        try {
            Files.createSymbolicLink(next(), Path.of("/dev/full"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void makeRoom() {
        try {
            Files.delete(next());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path next() {
        return journal.folder(migration).resolve("record.json.new");
    }
}
