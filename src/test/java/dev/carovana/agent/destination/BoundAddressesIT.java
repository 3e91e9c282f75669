// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.criu.FileEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundAddressesIT {
    @TempDir
    private Path folder;

    private Path image(byte[] content) throws IOException {
        return Files.write(folder.resolve("files.img"), content);
    }

    @Test
    void thoseOfThePodAreFound() throws IOException {
        byte[] mapped = HexFormat.of().parseHex("00000000000000000000ffff0a000008");
        assertThat(BoundAddresses.in(image(FilesImage.of(
                        FilesImage.socket("10.0.0.7"),
                        FileEntry.getDefaultInstance(),
                        FilesImage.socket("fd00::7"),
                        FilesImage.socket(mapped),
                        FilesImage.socket("10.0.0.7")))))
                .containsExactly("10.0.0.7", "10.0.0.8", "fd00:0:0:0:0:0:0:7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "::", "::1", "fe80::1", "224.0.0.251"})
    void thoseOfAnyPodAreNot(String address) throws IOException {
        assertThat(BoundAddresses.in(image(FilesImage.of(FilesImage.socket(address)))))
                .isEmpty();
    }

    @Test
    void whatIsNotAnImageIsRefused() throws IOException {
        byte[] whole = FilesImage.of(FilesImage.socket("10.0.0.7"));
        for (int length = 0; length < whole.length; length++) {
            if (length != 8) { // magic numbers alone: a dump without files
                Path cut = image(Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> BoundAddresses.in(cut))
                        .as("cut to %d bytes", length)
                        .isInstanceOf(IOException.class);
            }
        }
        whole[8] = -1;
        Path tooLong = image(whole);
        assertThatThrownBy(() -> BoundAddresses.in(tooLong)).isInstanceOf(IOException.class);
    }
}
