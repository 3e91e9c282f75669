// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerPathIT {
    @TempDir
    private Path root;

    @BeforeEach
    void fill() throws IOException {
        Files.createDirectories(root.resolve("var/lib"));
        Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(root.resolve("here"), Path.of("var"));
        Files.createSymbolicLink(root.resolve("nowhere"), Path.of("missing"));
    }

    @ParameterizedTest
    @CsvSource({"a,a", "var/lib/a,var/lib/a", "./a/,a", "new/folder/a,new/folder/a", "var/../a,a", "..a,..a"})
    void aPlainNameIsBelowItsFolder(String name, String path) throws IOException {
        assertThat(PeerPath.inside(root, name)).isEqualTo(root.resolve(path));
    }

    @Test
    void aLinkItselfMayBeNamed() throws IOException {
        assertThat(PeerPath.inside(root, "var/run")).isEqualTo(root.resolve("var/run"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "./", "..", "../a", "a/../..", "var/../../a", "/", "/etc/passwd"})
    void aNameThatLeavesIsRefused(String name) {
        assertThatThrownBy(() -> PeerPath.inside(root, name))
                .isInstanceOf(IOException.class)
                .hasMessage("'" + name + "' is not below its folder");
    }

    @ParameterizedTest
    @CsvSource({
        "var/run/a,var/run",
        "var/run/a/b/c,var/run",
        "var/lib/../run/a,var/run",
        "here/a,here",
        "here/run/a,here/run",
        "nowhere/a,nowhere"
    })
    void aNameBelowALinkIsRefused(String name, String link) {
        assertThatThrownBy(() -> PeerPath.inside(root, name))
                .isInstanceOf(IOException.class)
                .hasMessage("'" + name + "' leaves its folder by the link '" + link + "'");
    }
}
