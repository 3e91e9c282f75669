// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.AppArmor;
import dev.carovana.link.v1.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On files like the kernel's: the machine may have no AppArmor. */
class ConfinementsIT {
    private final Path policy;
    private final Path processes;
    private final Confinements confinements;

    ConfinementsIT(@TempDir Path folder) {
        policy = folder.resolve("apparmor");
        processes = folder.resolve("proc");
        confinements = new Confinements(policy, processes);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Confinement confined(String container, String profile) {
        return Confinement.newBuilder()
                .setContainer(container)
                .setProfile(profile)
                .build();
    }

    @Test
    void aNodeWithoutAppArmor() throws IOException {
        write(processes.resolve("7/attr/current"), "system_u:system_r:container_t:s0:c1,c2\0");

        assertThat(confinements.ofNode()).isEqualTo(AppArmor.getDefaultInstance());
        assertThat(confinements.ofContainers(Map.of("app", List.of(7L)))).isEmpty();
    }

    @Test
    void aNodeSaysWhichProfilesAreLoaded() throws IOException {
        write(policy.resolve("profiles"), "cri-containerd.apparmor.d (enforce)\nmy profile (complain)\n");

        AppArmor node = confinements.ofNode();

        assertThat(node.getEnabled()).isTrue();
        assertThat(node.getProfilesList())
                .containsExactly("cri-containerd.apparmor.d (enforce)", "my profile (complain)");
    }

    @Test
    void aNodeSaysWhetherItMediatesUnixSockets() throws IOException {
        write(policy.resolve("profiles"), "");
        assertThat(confinements.ofNode().getUnixSockets()).isFalse();

        write(policy.resolve("features/network_v9/af_unix"), "yes\n");

        assertThat(confinements.ofNode().getUnixSockets()).isTrue();
    }

    @Test
    void eachProfileOfAContainerIsSaidOnce() throws IOException {
        write(policy.resolve("profiles"), "");
        write(processes.resolve("7/attr/current"), "foo (enforce)\n");
        write(processes.resolve("8/attr/current"), "foo (enforce)\n");
        write(processes.resolve("9/attr/current"), "of another security module\0");
        write(processes.resolve("9/attr/apparmor/current"), "unconfined\n");
        Map<String, List<Long>> pids = new TreeMap<>(Map.of("app", List.of(7L, 8L, 9L), "side", List.of(8L, 10L)));

        assertThat(confinements.ofContainers(pids))
                .containsExactly(
                        confined("app", "foo (enforce)"),
                        confined("app", "unconfined"),
                        confined("side", "foo (enforce)"));
    }
}
