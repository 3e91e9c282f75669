// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerChangesTest {
    private static final Path UPPER = Path.of("/upper");

    @Test
    void directoriesThatReplacedOneOfTheImage() throws IOException {
        assertThat(
                        LayerChanges.parse(
                                UPPER,
                                """
                        # file: /upper/var/cache
                        trusted.overlay.opaque="y"

                        # file: /upper/opt/app
                        trusted.overlay.opaque="y"
                        """))
                .containsExactly("var/cache", "opt/app");
    }

    @Test
    void nothingIsSaid() throws IOException {
        assertThat(LayerChanges.parse(UPPER, "")).isEmpty();
    }

    @Test
    void theUpperDirectoryItselfReplacesNothing() throws IOException {
        assertThat(
                        LayerChanges.parse(
                                UPPER,
                                """
                        # file: /upper
                        trusted.overlay.opaque="y"
                        """))
                .isEmpty();
    }

    @Test
    void aDirectoryThatOnlyHasOpaqueFilesReplacesNothing() throws IOException {
        assertThat(
                        LayerChanges.parse(
                                UPPER,
                                """
                        # file: /upper/var
                        trusted.overlay.opaque="x"
                        """))
                .isEmpty();
    }

    @Test
    void whatCriuHasTakenAwayMeanwhileIsNotMissed() {
        String gone = "getfattr: /upper/cr-tmpfs.jxVIXn: No such file or directory\n";

        assertThat(LayerChanges.onlyGone(gone + gone)).isTrue();
        assertThat(LayerChanges.onlyGone(gone + "getfattr: /upper/var: Permission denied\n"))
                .isFalse();
        assertThat(LayerChanges.onlyGone("")).isFalse();
    }

    @Test
    void aRenamedDirectoryIsRefusedByName() {
        assertThatThrownBy(
                        () -> LayerChanges.parse(
                                UPPER,
                                """
                        # file: /upper/srv/new
                        trusted.overlay.opaque="y"
                        trusted.overlay.redirect="/srv/old"
                        """))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("directory 'srv/new' was renamed");
    }

    @Test
    void namesAreReadAsGetfattrWritesThem() throws IOException {
        assertThat(
                        LayerChanges.parse(
                                UPPER,
                                """
                        # file: /upper/a\\012b
                        trusted.overlay.opaque="y"

                        # file: /upper/c\\134012
                        trusted.overlay.opaque="y"

                        # file: /upper/gr\u00ff = 1
                        trusted.overlay.opaque="y"

                        # file: /upper/end\\134
                        trusted.overlay.opaque="y"
                        """))
                .containsExactly("a\nb", "c\\012", "gr\u00ff = 1", "end\\");
    }

    @Test
    void whatReplacedADirectoryGoesBeforeSingleFiles() {
        assertThat(new LayerChanges(List.of("a", "b"), List.of("c")).deletes()).containsExactly("c", "a", "b");
    }
}
