// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.VolumeMarks;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.kubernetes.ClaimMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that says what is mounted, and folders in place of volumes. */
class HeldVolumesIT {
    private static final Map<HolderStatus, List<String>> NONE = Map.of();

    @TempDir
    Path root;

    private Path shared;
    private Path data;
    private HolderStatus cart;
    private HeldVolumes volumes;

    @BeforeEach
    void mount() throws IOException {
        shared = Files.createDirectories(root.resolve("nfs/shared"));
        data = Files.createDirectories(root.resolve("disks/data"));
        Files.createDirectories(root.resolve("bundle"));
        Files.writeString(
                root.resolve("bundle/config.json"),
                """
                {"mounts": [{"destination": "/shared", "source": "/nfs/shared"},
                            {"destination": "/data", "source": "/disks/data"},
                            {"destination": "/etc/hosts", "source": "/etc/hosts"}]}
                """);
        cart = new HolderStatus(
                1, "", "m-1", "uid", "functions", "p", "cart", "c1", "s1", "/bundle", "", 1, "held", true, 0, null);
        PodVolumes pod = new PodVolumes(
                List.of(
                        new ClaimMount("shared", "shared", "cart", "/shared", true, false),
                        new ClaimMount("data", "data", "cart", "/data", true, false)),
                List.of("data"),
                "cart-alice");
        volumes = new HeldVolumes(new Node(root, List.of()), () -> pod);
    }

    private Map<HolderStatus, List<String>> at(String path) {
        return Map.of(cart, List.of(path));
    }

    private static String reason(Throwable thrown) {
        return thrown instanceof RefusedException refused
                ? refused.reason()
                : thrown.getClass().getSimpleName();
    }

    @Test
    void aSharedVolumeMustBeTheSourcesOwn() throws IOException {
        assertThatThrownBy(() -> volumes.take("m-1", at("/shared"), NONE))
                .hasMessageContaining("container cart")
                .hasMessageContaining("/shared")
                .extracting(HeldVolumesIT::reason)
                .isEqualTo("VolumeNotShared");

        VolumeMarks.show(List.of(shared), "m-1");
        volumes.take("m-1", at("/shared"), NONE);
    }

    @Test
    void whatIsNoCopyOfTheInstanceIsKept() throws IOException {
        Path file = Files.writeString(data.resolve("file"), "somebody's");

        assertThatThrownBy(() -> volumes.take("m-1", NONE, at("/data")))
                .hasMessageContaining("/data")
                .extracting(HeldVolumesIT::reason)
                .isEqualTo("VolumeNotEmpty");
        assertThat(file).exists();

        VolumeMarks.setOwner(data, "cart-alice");
        volumes.take("m-1", NONE, at("/data"));
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void nothingIsEmptiedIfAnotherVolumeIsRefused() throws IOException {
        Path file = Files.writeString(data.resolve("file"), "an older copy");
        VolumeMarks.setOwner(data, "cart-alice");

        assertThatThrownBy(() -> volumes.take("m-1", at("/shared"), at("/data")))
                .isInstanceOf(RefusedException.class);
        assertThat(file).exists();
    }

    @Test
    void theSourceCannotNameWhatIsNoVolumeThatIsSent() throws IOException {
        for (String path : List.of("/etc/hosts", "/shared", "/nowhere")) {
            assertThatThrownBy(() -> volumes.take("m-1", NONE, at(path))).isInstanceOf(ProtocolException.class);
            assertThatThrownBy(() -> volumes.sent(cart, path)).isInstanceOf(ProtocolException.class);
        }
        assertThatThrownBy(() -> volumes.take("m-1", at("/data"), NONE)).isInstanceOf(ProtocolException.class);
        assertThat(volumes.sent(cart, "/data")).isEqualTo(data);
    }
}
