// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real IPC namespaces, which root only can make. */
@Timeout(60)
class SharedIpcIT {
    @TempDir
    private Path folder;

    private interface Look {
        void at(SharedIpc shared) throws IOException;
    }

    /** Looks while a process is in a namespace of its own in which the script was run. */
    private void in(String script, Look look) throws IOException {
        Path ready = folder.resolve("ready");
        Process process = new ProcessBuilder(
                        "unshare", "--ipc", "--mount", "sh", "-ec", script + "; touch " + ready + "; exec sleep 60")
                .inheritIO()
                .start();
        try {
            await().until(() -> Files.exists(ready));
            look.at(new SharedIpc(Path.of("/proc/" + process.pid())));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String mount() {
        return "mount -t tmpfs none /dev; mkdir /dev/mqueue; mount -t mqueue none /dev/mqueue";
    }

    @Test
    void aPodThatSharesNothing() throws IOException {
        in(mount(), shared -> {
            assertThat(shared.systemV()).isEmpty();
            assertThat(shared.messageQueues()).isEmpty();
        });
        Files.delete(folder.resolve("ready"));
        in("mount -t tmpfs none /dev", shared -> assertThat(shared.messageQueues())
                .isEmpty());
    }

    @Test
    void systemVObjectsAreToldByKindAndId() throws IOException {
        in("ipcmk -M 4096 >&2; ipcmk -M 4096 >&2; ipcmk -S 2 >&2", shared -> assertThat(shared.systemV())
                .contains("the pod has System V IPC objects, which belong to none of its containers and do not move:"
                        + " semaphore sets 0; shared memory segments 0, 1. Use files in /dev/shm or an emptyDir instead,"
                        + " or remove them (ipcrm)"));
    }

    /** Its file is what the queue is known by, whether somebody has it open or not. */
    @Test
    void messageQueuesAreToldByName() throws IOException {
        in(mount() + "; : >/dev/mqueue/jobs; : >/dev/mqueue/done", shared -> assertThat(shared.messageQueues())
                .contains("the pod has POSIX message queues, which belong to none of its containers and do not move:"
                        + " /done, /jobs. Use a unix socket or a pipe instead, or remove them (mq_unlink)"));
    }
}
