// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerChangesIT {
    @TempDir
    private Path root;

    /** Of what is below, some may go while it is read; the layer itself may not. */
    @Test
    void aLayerThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> LayerChanges.of(root.resolve("upper"))).isInstanceOf(NoSuchFileException.class);
    }
}
