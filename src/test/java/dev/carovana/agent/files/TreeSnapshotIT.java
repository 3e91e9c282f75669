// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.transfer.Messages.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TreeSnapshotIT {
    @TempDir
    private Path root;

    @BeforeEach
    void fill() throws IOException {
        sh("mkdir folder; echo text > folder/file; ln folder/file folder/same; ln -s file folder/link; touch empty");
    }

    private void sh(String script) throws IOException {
        assertThat(Node.execute(List.of("bash", "-ec", "cd '" + root + "'; " + script)))
                .isEqualTo(new Node.Result(0, ""));
    }

    private TreeSnapshot settled() throws IOException {
        await().until(() -> TreeSnapshot.of(root).settled());
        return TreeSnapshot.of(root);
    }

    @Test
    void whatIsLeftAloneIsTheSame() throws IOException {
        TreeSnapshot before = settled();
        Files.readString(root.resolve("folder/file"));

        TreeSnapshot now = TreeSnapshot.of(root);
        assertThat(now.isAs(before)).isTrue();
        assertThat(before.goneIn(now)).isEmpty();
        assertThat(before.files()).containsOnlyKeys("", "empty", "folder", "folder/file", "folder/link", "folder/same");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "printf T | dd of=folder/file conv=notrunc status=none",
                "printf T | dd of=folder/file conv=notrunc status=none; touch -d yesterday folder/file",
                "chmod 600 folder/file",
                "chmod 700 .",
                "chown -h 7 folder/link",
                "touch folder/new",
                "touch folder/new; rm folder/new",
                "mv empty full",
                "mv folder/same $'folder/\\xff'",
            })
    void anyChangeShows(String change) throws IOException {
        TreeSnapshot before = settled();
        sh(change);

        assertThat(TreeSnapshot.of(root).isAs(before)).isFalse();
    }

    @Test
    void soonAfterAChangeFurtherOnesMayNotShow() throws IOException {
        sh("echo more >> folder/file");

        assertThat(TreeSnapshot.of(root).settled()).isFalse();
    }

    /** One that was written over must not be taken for the other name of a file that it once was. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "echo more >> folder/file, -",
                "rm empty, empty",
                "rm -r folder, folder folder/file folder/link folder/same",
                "cp folder/file new && mv new folder/same, folder/same",
                "rm folder/link; echo text > folder/link, folder/link",
                "rm empty; mkdir empty, empty",
            })
    void whatIsGoneIsTold(String change, String gone) throws IOException {
        TreeSnapshot before = TreeSnapshot.of(root);
        sh(change);

        assertThat(before.goneIn(TreeSnapshot.of(root))).isEqualTo(gone == null ? List.of() : List.of(gone.split(" ")));
    }

    @Test
    void namesAreBytes() throws IOException {
        sh("touch $'\\xff' $'\\xfe'");
        TreeSnapshot before = TreeSnapshot.of(root);
        sh("rm $'\\xff'");

        assertThat(before.goneIn(TreeSnapshot.of(root))).containsExactly("\u00ff");
    }

    @Test
    void onlyFilesHaveContent() throws IOException {
        assertThat(TreeSnapshot.of(root).bytes()).isEqualTo(10);
        assertThat(TreeSnapshot.of(root).hasContent()).isTrue();

        sh("rm folder/file folder/same");
        assertThat(TreeSnapshot.of(root).hasContent()).isFalse();
        assertThat(TreeSnapshot.of(root).isEmpty()).isFalse();

        sh("rm -r folder empty");
        assertThat(TreeSnapshot.of(root).isEmpty()).isTrue();
    }

    @Test
    void changesOfContentAreToldOnDisks() throws IOException {
        TreeSnapshot full = settled();
        assertThat(full.tellsChanges(tree(true))).isTrue();
        assertThat(full.tellsChanges(tree(false))).isFalse();

        sh("rm folder/file folder/same");
        assertThat(TreeSnapshot.of(root).tellsChanges(tree(true)))
                .as("just now")
                .isFalse();
        assertThat(settled().tellsChanges(tree(false)))
                .as("nothing has content")
                .isTrue();
    }

    private Trees.Tree tree(boolean onDisk) {
        return new Trees.Tree(Kind.VOLUME, "data", root, onDisk);
    }

    @Test
    void aTreeThatIsNotThereIsEmpty() throws IOException {
        assertThat(TreeSnapshot.of(root.resolve("nowhere")).isEmpty()).isTrue();
    }
}
