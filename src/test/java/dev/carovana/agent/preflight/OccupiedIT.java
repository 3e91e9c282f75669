// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.agent.files.TreeSnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OccupiedIT {
    @TempDir
    private Path root;

    private long bytes() throws IOException {
        return Occupied.bytes(root, TreeSnapshot.of(root));
    }

    @Test
    void smallFilesCountAsTheyAre() throws IOException {
        Files.writeString(root.resolve("small"), "content");
        assertThat(bytes()).isEqualTo(7);
    }

    @Test
    void holesDoNotCount() throws IOException {
        Files.write(root.resolve("data"), new byte[2 << 20]);
        try (RandomAccessFile sparse =
                new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(8L << 30);
            sparse.write(1);
        }
        assertThat(bytes()).isBetween(2L << 20, 3L << 20);
    }
}
