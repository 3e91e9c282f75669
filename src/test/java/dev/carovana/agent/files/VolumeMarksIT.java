// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeMarksIT {
    @TempDir
    Path volume;

    @TempDir
    Path other;

    @Test
    void aMarkIsSeenWhereTheVolumeIsTheSame() throws IOException {
        Path file = Files.createFile(other.resolve("a-file"));

        List<Path> shown = VolumeMarks.show(List.of(volume, file, other.resolve("gone")), "m-1");

        assertThat(shown).containsExactly(volume);
        assertThat(VolumeMarks.isShown(volume, "m-1")).isTrue();
        assertThat(VolumeMarks.isShown(volume, "m-2")).isFalse();
        assertThat(VolumeMarks.isShown(other, "m-1")).isFalse();
        assertThat(VolumeMarks.show(List.of(volume), "m-1"))
                .as("one of an agent before this one")
                .containsExactly(volume);
        VolumeMarks.hide(shown, "m-1");
        assertThat(volume).isEmptyDirectory();
    }

    @Test
    void onlyAnOlderCopyOfTheSameInstanceIsReplaced() throws IOException {
        Files.createDirectory(volume.resolve("lost+found"));
        assertThat(VolumeMarks.isReplaceable(volume, "cart-alice"))
                .as("nothing is there")
                .isTrue();

        Files.createDirectories(volume.resolve("a/b"));
        Files.writeString(volume.resolve("a/b/c"), "hers");
        assertThat(VolumeMarks.isReplaceable(volume, "cart-alice")).isFalse();
        VolumeMarks.setOwner(volume, "cart-alice");
        assertThat(VolumeMarks.isReplaceable(volume, "cart-alice")).isTrue();
        assertThat(VolumeMarks.isReplaceable(volume, "cart-al")).isFalse();
        VolumeMarks.setOwner(volume, "cart-bob");
        assertThat(VolumeMarks.isReplaceable(volume, "cart-alice")).isFalse();

        VolumeMarks.empty(volume);
        assertThat(volume).isDirectoryContaining(entry -> entry.endsWith("lost+found"));
        assertThat(VolumeMarks.isReplaceable(volume, "cart-alice")).isTrue();
    }
}
