// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Device nodes can be made by root only. */
@Timeout(60)
class SparedMountsIT {
    private static final String MOUNTS =
            """
            900 800 0:60 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/a
            901 900 0:61 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
            902 900 0:62 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
            903 902 0:63 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5
            904 902 0:20 /termination /dev/termination-log rw,relatime - ext4 /dev/vda rw
            905 900 0:64 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
            906 905 0:65 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
            911 906 0:35 /kubepods /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory
            912 906 0:36 /kubepods /sys/fs/cgroup/cpu,cpuacct ro,relatime - cgroup cgroup rw,cpu,cpuacct
            907 901 0:66 / /proc/acpi ro,relatime - tmpfs tmpfs ro
            908 901 0:62 /null /proc/keys ro,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
            909 900 0:67 / /cache ro,relatime - tmpfs tmpfs rw
            910 901 0:68 / /proc/scsi rw,relatime - tmpfs tmpfs rw
            """;

    private static final List<String> MASKED = List.of("/proc/acpi", "/proc/keys", "/proc/scsi", "/sys/firmware");

    @TempDir
    private Path root;

    private Path dev;

    @BeforeEach
    void makeDev() throws IOException {
        dev = Files.createDirectory(root.resolve("dev"));
        sh("for d in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 ${d%:*} c 1 ${d#*:}; done;"
                + " mknod -m 666 tty c 5 0; ln -s /proc/self/fd fd; ln -s pts/ptmx ptmx;"
                + " ln -s /proc/self/fd/0 stdin; ln -s /proc/self/fd/1 stdout; ln -s /proc/self/fd/2 stderr;"
                + " mkdir pts; touch termination-log");
        Files.createDirectories(root.resolve("sys/fs"));
        sh("mkdir ../sys/fs/cgroup; cd ../sys/fs/cgroup; mkdir memory cpu,cpuacct; ln -s cpu,cpuacct cpu");
    }

    private void sh(String script) throws IOException {
        Node.Result result = Node.execute(List.of("sh", "-ec", "cd '" + dev + "'; " + script));
        assertThat(result.output()).isEmpty();
        assertThat(result.ok()).isTrue();
    }

    private Iterable<String> spared(String mounts) throws IOException {
        return SparedMounts.of(mounts.lines().toList(), MASKED, root);
    }

    @Test
    void whatNobodyCanHaveChangedIsSpared() throws IOException {
        assertThat(spared(MOUNTS)).containsExactly("/dev", "/proc/acpi", "/sys/fs/cgroup");
    }

    @Test
    void theLinkToTheKernelsMemoryMayBeThere() throws IOException {
        sh("ln -s /proc/kcore core");

        assertThat(spared(MOUNTS)).contains("/dev");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "touch log",
                "mkdir shm",
                "rm full",
                "rm full; touch full; chmod 666 full",
                "rm zero; mknod -m 666 zero c 1 3",
                "rm zero; mknod -m 666 zero b 1 5",
                "chmod 600 tty",
                "chown 1000 null",
                "chgrp 5 tty",
                "rm stdout; ln -s /proc/self/fd/2 stdout",
                "rm stdout",
                "rm ptmx; mkdir ptmx",
                "mknod -m 666 kvm c 10 232",
                "chmod 777 .",
            })
    void whatAFunctionHasOfItsOwnInDevIsDumped(String change) throws IOException {
        sh(change);

        assertThat(spared(MOUNTS)).containsExactly("/proc/acpi", "/sys/fs/cgroup");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"mkdir mine", "ln -s memory mine", "ln -s memory cpuacct", "ln -s /etc cpuacct", "chmod 700 ."})
    void whatAFunctionHasOfItsOwnAmongItsCgroupsIsDumped(String change) throws IOException {
        sh("cd ../sys/fs/cgroup; " + change);

        assertThat(spared(MOUNTS)).containsExactly("/dev", "/proc/acpi");
    }

    @Test
    void devicesThatAreMountedAreDumped() throws IOException {
        assertThat(spared(MOUNTS + "913 902 0:5 /null /dev/null rw - devtmpfs devtmpfs rw\n"))
                .doesNotContain("/dev");
    }

    @Test
    void aFolderThatIsNotATmpfsIsLeftAlone() throws IOException {
        assertThat(spared(MOUNTS.replace("/dev rw,nosuid - tmpfs", "/dev rw,nosuid - ext4")))
                .doesNotContain("/dev");
    }
}
