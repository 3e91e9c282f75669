// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.kubernetes.ClaimMount;
import dev.carovana.link.v1.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process of the machine stands for one of a container. */
class SharedVolumeFilesIT {
    @TempDir
    Path volume;

    @TempDir
    Path elsewhere;

    /** What speaks against a process that has run a script in a folder, and waits. */
    private List<String> problems(Path folder, String script) throws IOException {
        Process process = new ProcessBuilder(
                        "bash", "-ec", "cd \"$1\"; " + script + "; echo ready; read -r end", "bash", folder.toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            return SharedVolumeFiles.problems(
                            Path.of("/proc"),
                            List.of(new ClaimMount("v", "c", "main", volume.toString(), true, false)),
                            Map.of("main", List.of(process.pid()), "other", List.of(process.pid())))
                    .stream()
                    .map(Reason::getMessage)
                    .toList();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void openFilesMayBeThereAndWhatIsElsewhereDoesNotCount() throws IOException {
        Files.writeString(volume.resolve("file"), "content");
        String all = "exec 3>locked; flock 3; exec 4>lost; rm lost";

        assertThat(problems(volume, "exec 3<file 4>>log")).isEmpty();
        assertThat(problems(elsewhere, all)).isEmpty();
        assertThat(problems(volume, all)).hasSize(2).allSatisfy(message -> assertThat(message)
                .contains("container main"));
    }

    @Test
    void locksDoNotMove() throws IOException {
        assertThat(problems(volume, "exec 3>locked; flock 3"))
                .singleElement()
                .asString()
                .contains("lock on " + volume.resolve("locked"), "expected none");
    }

    @Test
    void filesWithoutANameDoNotMove() throws IOException {
        assertThat(problems(volume, "exec 3>lost; rm lost"))
                .singleElement()
                .asString()
                .contains(volume.resolve("lost") + " (deleted)", "emptyDir");
        assertThat(problems(volume, "exec 3>.nfs0000000000a1"))
                .as("what an NFS client makes of such a file")
                .singleElement()
                .asString()
                .contains(".nfs0000000000a1");
    }

    @Test
    void socketsHaveTheirNamesElsewhere() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(volume.resolve("sock")));
            assertThat(problems(elsewhere, ":"))
                    .singleElement()
                    .asString()
                    .contains("socket " + volume.resolve("sock"), "emptyDir");
        }
    }

    @Test
    void norDoSuchThatAreOnlyMapped() throws IOException {
        Files.copy(Path.of("/usr/bin/sleep"), volume.resolve("program"));

        assertThat(problems(volume, "exec 3< <(exec ./program 60)")).isEmpty();
        Process process = new ProcessBuilder(volume.resolve("program").toString(), "60").start();
        try {
            Files.delete(volume.resolve("program"));
            assertThat(SharedVolumeFiles.problems(
                            Path.of("/proc"),
                            List.of(new ClaimMount("v", "c", "main", volume.toString(), true, false)),
                            Map.of("main", List.of(process.pid()))))
                    .singleElement()
                    .satisfies(reason -> assertThat(reason.getMessage()).contains("program (deleted)"));
        } finally {
            process.destroyForcibly();
        }
    }
}
