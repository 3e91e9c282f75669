// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.files.VolumeMarks;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.kubernetes.ClaimMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuncVolumesIT {
    private static final PodVolumes POD = new PodVolumes(
            List.of(
                    new ClaimMount("shared", "shared", "cart", "/shared", true, false),
                    new ClaimMount("shared", "shared", "redis", "/also", true, false),
                    new ClaimMount("images", "images", "cart", "/images", true, true),
                    new ClaimMount("data", "data", "redis", "/data", true, false)),
            List.of("data"),
            "cart-alice");

    @TempDir
    Path root;

    private Path shared;
    private Path data;
    private Path images;
    private RuncVolumes volumes;
    private Map<String, RuncState> containers;

    @BeforeEach
    void mount() throws IOException {
        shared = Files.createDirectories(root.resolve("shared"));
        data = Files.createDirectories(root.resolve("data"));
        images = Files.createDirectories(root.resolve("images"));
        containers = Map.of(
                "cart", state(Map.of("/shared", "/shared", "/images", "/images")),
                "redis", state(Map.of("/also", "/shared", "/data", "/data")));
        volumes = new RuncVolumes(new Trees(new Node(root, List.of())), POD);
    }

    @AfterEach
    void end() {
        volumes.close();
    }

    private static RuncState state(Map<String, String> mounts) {
        return new RuncState("id", 1, "/freezer", false, Map.of(), "/rootfs", mounts, List.of(), List.of());
    }

    @Test
    void theDestinationIsToldWhatToLookForAndWhatComes() throws IOException {
        Messages.Claims told = volumes.show(containers, "m-1");

        assertThat(told)
                .isEqualTo(new Messages.Claims(
                        Map.of("cart", List.of("/shared"), "redis", List.of("/also")),
                        Map.of("redis", List.of("/data"))));
        assertThat(VolumeMarks.isShown(shared, "m-1")).isTrue();
        assertThat(data).isEmptyDirectory();
        assertThat(images).as("who only reads there does not write").isEmptyDirectory();
        volumes.prepareFlush(containers, root.resolve("out"));
        assertThat(shared).as("it has been seen by then").isEmptyDirectory();
    }

    @Test
    void aMarkGoesAlsoIfNothingComesOfIt() throws IOException {
        volumes.show(containers, "m-1");
        volumes.close();

        assertThat(shared).isEmptyDirectory();
        assertThat(new RuncVolumes(new Trees(new Node(root, List.of())), PodVolumes.NONE).show(containers, "m-1"))
                .isNull();
    }

    @Test
    void sharedVolumesAreFlushed() throws IOException {
        volumes.prepareFlush(containers, root.resolve("out"));
        volumes.flush();

        Files.delete(shared);
        assertThatThrownBy(() -> volumes.prepareFlush(containers, root.resolve("out")))
                .hasMessageContaining(shared.toString());
    }

    @Test
    void aFlushThatFailsInTheFreezeIsTold() throws IOException {
        volumes.prepareFlush(containers, root.resolve("out"));
        Files.delete(shared);

        assertThatThrownBy(() -> volumes.flush())
                .hasMessageContaining("flushed")
                .hasMessageContaining(shared.toString());
    }

    @Test
    void whatWasSentIsACopyAfterwards() throws IOException {
        Files.createFile(data.resolve("file"));
        Files.createFile(shared.resolve("file"));

        volumes.left(containers);

        assertThat(VolumeMarks.isReplaceable(data, "cart-alice")).isTrue();
        assertThat(VolumeMarks.isReplaceable(shared, "cart-alice")).isFalse();
    }

    @Test
    void aVolumeThatTheContainerDoesNotHaveIsNamed() {
        assertThatThrownBy(() -> volumes.left(Map.of("redis", state(Map.of()))))
                .hasMessageContaining("container redis")
                .hasMessageContaining("/data")
                .hasMessageContaining("volume data");
    }
}
