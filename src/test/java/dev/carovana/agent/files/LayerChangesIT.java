// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.runtime.PreparedCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LayerChangesIT {
    @TempDir
    private Path root;

    private Path upper;

    @BeforeEach
    void name() {
        upper = root.resolve("upper");
    }

    private LayerChanges read() throws IOException {
        Path output = root.resolve("output");
        try (PreparedCommand getfattr = LayerChanges.prepare(upper, output)) {
            return LayerChanges.of(upper, getfattr, output);
        }
    }

    /** Of what is below, some may go while it is read; the layer itself may not. */
    @Test
    void aLayerThatIsNotThereIsAnError() {
        assertThatThrownBy(this::read).isInstanceOf(NoSuchFileException.class);
    }

    /** Only folders can replace one of the image. */
    @Test
    void withoutFoldersNothingMoreIsAskedFor() throws IOException {
        Files.createDirectory(upper);
        Files.writeString(upper.resolve("file"), "text");

        assertThat(read()).isEqualTo(LayerChanges.NONE);
        assertThat(root.resolve("output")).isEmptyFile();
    }
}
