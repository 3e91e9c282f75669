// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Needs a kernel that tells guard pages: Linux 6.15. */
class GuardPagesIT {
    private static final int MADV_GUARD_INSTALL = 102;
    private static final int MADV_DONTNEED = 4;

    @ParameterizedTest
    @CsvSource({MADV_GUARD_INSTALL + ",true", MADV_DONTNEED + ",false"})
    void theyAreFound(int advice, boolean found) throws IOException {
        Process process = new ProcessBuilder(
                        "python3",
                        "-c",
                        """
                import mmap, sys
                memory = mmap.mmap(-1, 64 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
                memory.madvise(%d, 50 << 20, mmap.PAGESIZE)
                print("ready", flush=True)
                sys.stdin.read()
                """
                                .formatted(advice))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("ready");

            assertThat(GuardPages.areIn(Path.of("/proc/" + process.pid()))).isEqualTo(found);
        } finally {
            process.destroy();
        }
    }
}
