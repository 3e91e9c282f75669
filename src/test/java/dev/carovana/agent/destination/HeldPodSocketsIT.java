// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.runtime.Node;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With scripts in place of carovana-runc, whose own tests are in runtime/it. */
@Timeout(60)
class HeldPodSocketsIT {
    @TempDir
    private Path folder;

    private HeldPod pod(String script) throws IOException {
        Path wrapper = Files.writeString(folder.resolve("wrapper"), "#!/bin/sh\n" + script);
        assertThat(wrapper.toFile().setExecutable(true)).isTrue();
        return new HeldPod(
                new Node(Path.of("/"), List.of()), wrapper.toString(), "/proc/self/ns/net", () -> PodVolumes.NONE);
    }

    @Test
    void streamsAreKeptUntilTheyAreLetGo() throws IOException {
        Path over = folder.resolve("over");
        HeldPod pod = pod("echo ready; cat; echo \"$@\" >" + over + "\n");

        try (Closeable streams = pod.keepStreams(folder, "uid-1")) {
            assertThat(streams).isNotNull();
            assertThat(over).doesNotExist();
        }

        await().untilAsserted(() -> assertThat(over).hasContent("carovana-streams " + folder + " uid-1"));
    }

    @Test
    void streamsThatCannotBeMadeAreAnErrorThatSaysWhy() throws IOException {
        HeldPod pod = pod("echo no container of the pod has it >&2; exit 1\n");

        assertThatThrownBy(() -> pod.keepStreams(folder, "uid-1"))
                .isInstanceOf(IOException.class)
                .hasMessage("streams between containers: no container of the pod has it");
    }

    @Test
    void socketsThatCannotBeConnectedAreAnErrorThatSaysWhy() throws IOException {
        HeldPod pod = pod("[ $1 = carovana-connect ] && [ $3 = uid-1 ] || { echo \"$@\"; exit 1; }\n");

        pod.connectSockets(folder, "uid-1");

        assertThatThrownBy(() -> pod.connectSockets(folder, "uid-2"))
                .isInstanceOf(IOException.class)
                .hasMessage("carovana-connect " + folder + " uid-2");
    }
}
