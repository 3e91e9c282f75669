// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuncStateTest {
    private static RuncState parse(String json) throws IOException {
        return RuncState.parse(new ObjectMapper().readTree(json));
    }

    @Test
    void aNodeOfVersionOne() throws IOException {
        RuncState state = parse(
                """
                {"id": "c1", "init_process_pid": 4711, "external_descriptors": ["/dev/null", "pipe:[7]"],
                 "cgroup_paths": {
                   "cpu": "/sys/fs/cgroup/cpu/kubepods/c1",
                   "freezer": "/sys/fs/cgroup/freezer/kubepods/c1"}}
                """);

        assertThat(state.id()).isEqualTo("c1");
        assertThat(state.initPid()).isEqualTo(4711);
        assertThat(state.describe()).asString().isEqualTo("[\"/dev/null\",\"pipe:[7]\"]");
        assertThat(state.freezer()).isEqualTo("/sys/fs/cgroup/freezer/kubepods/c1");
        assertThat(state.unified()).isFalse();
    }

    @Test
    void onAHybridNodeTheFreezerIsOfVersionOne() throws IOException {
        RuncState state = parse(
                """
                {"id": "c1",
                 "cgroup_paths": {
                   "": "/sys/fs/cgroup/unified/kubepods/c1",
                   "freezer": "/sys/fs/cgroup/freezer/kubepods/c1"}}
                """);

        assertThat(state.freezer()).isEqualTo("/sys/fs/cgroup/freezer/kubepods/c1");
        assertThat(state.unified()).isFalse();
    }

    @Test
    void aNodeOfVersionTwo() throws IOException {
        RuncState state = parse(
                """
                {"id": "c1", "cgroup_paths": {"": "/sys/fs/cgroup/kubepods.slice/c1.scope"}}
                """);

        assertThat(state.freezer()).isEqualTo("/sys/fs/cgroup/kubepods.slice/c1.scope");
        assertThat(state.unified()).isTrue();
    }

    @Test
    void aContainerThatCannotBeFrozenIsRefused() {
        assertThatThrownBy(
                        () -> parse(
                                """
                {"id": "c1", "cgroup_paths": {"cpu": "/sys/fs/cgroup/cpu/kubepods/c1"}}
                """))
                .isInstanceOf(IOException.class)
                .hasMessage("runc's state of c1 names no freezer cgroup");
    }

    @Test
    void whatTheBundleSays() throws IOException {
        RuncState state = parse(
                """
                {"id": "c1", "cgroup_paths": {"": "/c1"},
                 "config": {
                   "rootfs": "/run/containerd/c1/rootfs",
                   "labels": ["io.kubernetes.cri.sandbox-id=s1", "with=two=signs", "empty=", "bare", "=none"],
                   "mounts": [{"destination": "/proc"}, {"destination": "/data", "source": "/x"}]}}
                """);

        assertThat(state.rootfs()).isEqualTo("/run/containerd/c1/rootfs");
        assertThat(state.sandboxId()).isEqualTo("s1");
        assertThat(state.labels()).containsOnlyKeys("io.kubernetes.cri.sandbox-id", "with", "empty");
        assertThat(state.labels()).containsEntry("with", "two=signs").containsEntry("empty", "");
        assertThat(state.mounts()).containsExactly(Map.entry("/proc", ""), Map.entry("/data", "/x"));
    }

    @Test
    void aContainerWithoutSandbox() throws IOException {
        assertThat(parse("""
                {"id": "c1", "cgroup_paths": {"": "/c1"}}
                """)
                        .sandboxId())
                .isEmpty();
    }
}
