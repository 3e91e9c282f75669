// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.kubernetes.ClaimMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreesIT {
    private static final String VOLUMES = "/var/lib/kubelet/pods/uid/volumes/kubernetes.io~empty-dir";

    @TempDir
    private Path root;

    private Trees trees;

    @BeforeEach
    void mount() throws IOException {
        trees = new Trees(new Node(root, List.of()));
        Files.createDirectories(root.resolve("proc/1"));
        Files.writeString(
                root.resolve("proc/1/mountinfo"),
                """
                1 0 0:1 / / rw - ext4 /dev/vda rw
                2 1 0:2 / /run/cart/rootfs rw - overlay overlay rw,lowerdir=/layers/1,upperdir=/layers/2,workdir=/work
                3 1 0:3 / /run rw shared:1 - tmpfs tmpfs rw
                4 1 0:4 / %s/memory rw shared:2 - tmpfs tmpfs rw,size=1g
                """
                        .formatted(VOLUMES));
        Files.createDirectories(root.resolve("layers/2"));
        Files.createDirectories(trees.volumes("uid").resolve("data"));
        Files.createDirectories(trees.volumes("uid").resolve("memory"));
    }

    private List<Trees.Tree> find() throws IOException {
        Map<String, String> labels = Map.of("io.kubernetes.cri.sandbox-id", "sandbox");
        RuncState cart =
                new RuncState("id", 1, "/freezer", false, labels, "/run/cart/rootfs", Map.of(), List.of(), List.of());
        return trees.of("uid", Map.of("cart", cart), PodVolumes.NONE);
    }

    /** A function may write its first file while the pod is being frozen. */
    @Test
    void whatIsEmptyIsFoundToo() throws IOException {
        assertThat(find())
                .containsExactlyInAnyOrder(
                        new Trees.Tree(Kind.LAYER, "cart", root.resolve("layers/2"), true),
                        new Trees.Tree(Kind.VOLUME, "data", trees.volumes("uid").resolve("data"), true),
                        new Trees.Tree(
                                Kind.VOLUME, "memory", trees.volumes("uid").resolve("memory"), false),
                        new Trees.Tree(Kind.SHM, "", trees.sharedMemory("sandbox"), false))
                .allSatisfy(tree -> assertThat(tree.isEmpty()).isTrue());
    }

    @Test
    void aTreeWithAnythingInItIsNotEmpty() throws IOException {
        Files.createDirectory(root.resolve("layers/2/tmp"));

        assertThat(find()).filteredOn(tree -> tree.kind() == Kind.LAYER).allSatisfy(tree -> assertThat(tree.isEmpty())
                .isFalse());
    }

    @Test
    void aVolumeThatIsSentIsFoundWhereTheContainerHasIt() throws IOException {
        Map<String, String> mounts = Map.of("/data", "/run/pv", "/fast", "/disks/fast");
        RuncState cart = new RuncState("id", 1, "/freezer", false, Map.of(), "/none", mounts, List.of(), List.of());
        PodVolumes claims = new PodVolumes(
                List.of(
                        new ClaimMount("data", "c", "cart", "/data", true, false),
                        new ClaimMount("fast", "f", "cart", "/fast", true, false),
                        new ClaimMount("shared", "s", "cart", "/shared", true, false)),
                List.of("data", "fast"),
                "");

        assertThat(trees.of("other", Map.of("cart", cart), claims))
                .filteredOn(tree -> tree.kind() == Kind.CLAIM)
                .containsExactly(
                        new Trees.Tree(Kind.CLAIM, "cart", "/data", root.resolve("run/pv"), false),
                        new Trees.Tree(Kind.CLAIM, "cart", "/fast", root.resolve("disks/fast"), true));
    }
}
