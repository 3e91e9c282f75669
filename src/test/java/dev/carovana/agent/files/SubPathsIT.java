// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.runtime.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real mounts, which root only can make, below a folder that stands for the node's root. */
class SubPathsIT {
    private static final String PODS = "/var/lib/kubelet/pods/uid/";
    private static final String MAIN = PODS + "volume-subpaths/work/main/0";
    private static final String OTHER = PODS + "volume-subpaths/work/other/2";

    @TempDir
    private Path root;

    private final Deque<Path> mounted = new ArrayDeque<>();
    private SubPaths subPaths;
    private Path volume;

    @BeforeEach
    void makeVolume() throws IOException {
        // what runs on the node is given paths of the node
        List<String> chroot = List.of("sh", "-ec", "exec sh -ec \"$3\" sh \"$0$5\" \"$0$6\"", root.toString());
        subPaths = new SubPaths(new Node(root, chroot), "uid");
        volume = Files.createDirectories(node(PODS + "volumes/kubernetes.io~empty-dir/work"));
    }

    @AfterEach
    void unmount() throws IOException {
        for (Path point : mounted) {
            Node.execute(List.of("umount", point.toString()));
        }
    }

    private Path node(String path) {
        return root.resolve(path.substring(1));
    }

    /** As kubelet does. */
    private void mount(String source, Path shown) throws IOException {
        Path point = node(source);
        if (Files.isDirectory(shown)) {
            Files.createDirectories(point);
        } else {
            Files.createDirectories(point.getParent());
            Files.createFile(point);
        }
        Node.Result result = Node.execute(List.of("mount", "--bind", shown.toString(), point.toString()));
        assertThat(result.exitCode()).as(result.output()).isZero();
        mounted.push(point);
    }

    private Path rootfs(String container) throws IOException {
        Path rootfs = root.resolve("run/" + container + "/rootfs");
        Files.createDirectories(rootfs.resolve("etc/app.conf"));
        return rootfs;
    }

    @Test
    void twoContainersHaveOneFile() throws IOException {
        Path file = Files.createDirectories(volume.resolve("conf/app.conf"));
        mount(MAIN, file);
        mount(OTHER, file);
        Path main = rootfs("main");
        Path other = rootfs("other");

        subPaths.mountFiles(List.of(
                new SubPaths.Container(main, Map.of("/etc/app.conf", MAIN), List.of("/etc/app.conf")),
                new SubPaths.Container(other, Map.of("/etc/app.conf", OTHER), List.of("/etc/app.conf"))));
        Files.writeString(file, "mode = fast");

        assertThat(List.of(node(MAIN), node(OTHER)))
                .allSatisfy(mount -> assertThat(mount).hasContent("mode = fast"));
        assertThat(List.of(main.resolve("etc/app.conf"), other.resolve("etc/app.conf")))
                .allSatisfy(point -> assertThat(point).isRegularFile());
    }

    @Test
    void aFileMayBeMountedWithinAnotherMount() throws IOException {
        mount(MAIN, Files.createDirectories(volume.resolve("app.conf")));
        Path outer = Files.createDirectories(root.resolve("outer/below/app.conf"));
        Path rootfs = rootfs("main");

        subPaths.mountFiles(List.of(new SubPaths.Container(
                rootfs, Map.of("/etc", "/outer", "/etc/below/app.conf", MAIN), List.of("/etc/below/app.conf"))));

        assertThat(outer).isRegularFile();
        assertThat(rootfs.resolve("etc/app.conf")).isDirectory();
    }

    @Test
    void linksOfTheImageLeadWithinIt() throws IOException {
        mount(MAIN, Files.createDirectories(volume.resolve("app.conf")));
        Path rootfs = rootfs("main");
        Files.createDirectories(rootfs.resolve("run/sub/app.conf"));
        Files.createDirectories(rootfs.resolve("var/lib"));
        Files.createSymbolicLink(rootfs.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(rootfs.resolve("var/lib/run"), Path.of("../../../var/run"));

        subPaths.mountFiles(List.of(new SubPaths.Container(
                rootfs, Map.of("/var/lib/run/sub/app.conf", MAIN), List.of("/var/lib/run/sub/app.conf"))));

        assertThat(rootfs.resolve("run/sub/app.conf")).isRegularFile();
    }

    @Test
    void whatIsAFileAlreadyStays() throws IOException {
        mount(MAIN, Files.writeString(volume.resolve("app.conf"), "there"));

        subPaths.mountFiles(List.of(
                new SubPaths.Container(rootfs("main"), Map.of("/etc/app.conf", MAIN), List.of("/etc/app.conf"))));

        assertThat(node(MAIN)).hasContent("there");
    }

    @Test
    void aSourceCannotHaveAnythingElseMounted() throws IOException {
        SubPaths.Container container = new SubPaths.Container(
                rootfs("main"), Map.of("/etc/app.conf", "/etc/passwd"), List.of("/etc/app.conf"));

        assertThatThrownBy(() -> subPaths.mountFiles(List.of(container)))
                .isInstanceOf(IOException.class)
                .hasMessage("'/etc/app.conf' is not mounted from an emptyDir volume here");
    }

    @Test
    void filesOfEmptyDirsAreTold() throws IOException {
        mount(MAIN, Files.createFile(volume.resolve("app.conf")));
        mount(OTHER, Files.createDirectory(volume.resolve("folder")));
        String configMap = PODS + "volume-subpaths/config/main/1";
        Files.createDirectories(node(PODS + "volumes/kubernetes.io~configmap/config"));
        mount(configMap, Files.createFile(root.resolve("of-a-configmap")));

        assertThat(subPaths.files(
                        Map.of("/etc/app.conf", MAIN, "/data", OTHER, "/etc/greeting", configMap, "/proc", "proc")))
                .containsExactly("/etc/app.conf");
    }

    @Test
    void aFileThatWasReplacedIsTold() throws IOException {
        Files.createDirectories(node("/proc/1"));
        Files.writeString(
                node("/proc/1/mountinfo"),
                """
                1 0 0:1 /kubelet/work/app.conf//deleted %s rw - ext4 /dev/vda rw
                2 0 0:1 /kubelet/work/other %s rw - ext4 /dev/vda rw
                3 0 0:1 /kubelet/work/other//deleted /var/lib/kubelet/pods/another/volume-subpaths/work/main/0 rw - ext4 /dev/vda rw
                """
                        .formatted(MAIN, OTHER));

        assertThat(subPaths.replaced()).containsExactly("work/main/0");
    }
}
