// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a folder that stands for a cgroup: what the kernel would answer, the test writes. */
@Timeout(60)
class FreezerIT {
    private static final Duration SHORT = Duration.ofMillis(50);

    @TempDir
    private Path group;

    private Freezer one;
    private Freezer two;

    @BeforeEach
    void boot() throws IOException {
        one = new Freezer(group, false);
        two = new Freezer(group, true);
        Files.writeString(group.resolve("freezer.state"), "THAWED\n");
        Files.writeString(group.resolve("cgroup.freeze"), "0\n");
        events("populated 1\nfrozen 0\n");
    }

    private void events(String text) throws IOException {
        Files.writeString(group.resolve("cgroup.events"), text);
    }

    @Test
    void versionTwoIsFrozenWhenTheKernelSaysSo() throws IOException {
        two.requestFreeze();
        assertThat(group.resolve("cgroup.freeze")).hasContent("1");
        assertThat(two.isFrozen()).isFalse();
        events("populated 1\nfrozen 1\n");

        assertThat(two.isFrozen()).isTrue();
        assertThatCode(() -> two.awaitFrozen(SHORT)).doesNotThrowAnyException();
    }

    @Test
    void versionTwoThaws() throws IOException {
        two.requestFreeze();
        two.thaw();

        assertThat(group.resolve("cgroup.freeze")).hasContent("0");
        assertThat(group.resolve("freezer.state")).hasContent("THAWED");
    }

    @Test
    void whatDoesNotFreezeIsTold() throws IOException {
        two.requestFreeze();

        assertThatThrownBy(() -> two.awaitFrozen(SHORT))
                .isInstanceOf(Freezer.FreezerException.class)
                .hasMessage("not frozen within 50 ms: " + group);
    }

    @Test
    void versionOneIsFrozenWhenItsStateSaysSo() throws IOException {
        assertThat(one.isFrozen()).isFalse();
        Files.writeString(group.resolve("freezer.state"), "FREEZING\n");
        assertThat(one.isFrozen()).isFalse();
        Files.writeString(group.resolve("freezer.state"), "FROZEN\n");

        assertThat(one.isFrozen()).isTrue();
    }

    @Test
    void versionOneIsAskedUntilItFreezes() throws IOException {
        Files.writeString(group.resolve("freezer.state"), "FREEZING\n");
        one.awaitFrozen(Duration.ofSeconds(30));

        assertThat(group.resolve("freezer.state")).hasContent("FROZEN");
        assertThat(group.resolve("cgroup.freeze")).hasContent("0");
    }

    @Test
    void versionOneThaws() throws IOException {
        one.requestFreeze();
        assertThat(group.resolve("freezer.state")).hasContent("FROZEN");
        one.thaw();

        assertThat(group.resolve("freezer.state")).hasContent("THAWED");
    }

    @Test
    void aContainerThatIsGoneStaysGone() {
        Freezer gone = new Freezer(group.resolve("gone"), true);

        assertThatThrownBy(gone::thaw)
                .isInstanceOf(Freezer.FreezerException.class)
                .hasMessage("the container is gone: " + group.resolve("gone"));
        assertThatCode(gone::kill).doesNotThrowAnyException();
    }

    @Test
    void theProcessesOfGroupsBelowCountToo() throws IOException {
        Files.writeString(group.resolve("cgroup.procs"), "11\n12\n");
        Files.createDirectories(group.resolve("a/b"));
        Files.writeString(group.resolve("a/b/cgroup.procs"), "13\n");

        assertThat(two.pids()).containsExactlyInAnyOrder(11L, 12L, 13L);
        assertThat(new Freezer(group.resolve("gone"), true).pids()).isEmpty();
    }
}
