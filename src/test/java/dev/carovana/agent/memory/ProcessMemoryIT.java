// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessMemoryIT {
    private static final int PAGE = PageIndex.PAGE;
    private static final int BUFFER = 64 * PAGE;

    private final PageIndex index = new PageIndex();
    private String held;
    private Process shell;

    /** A shell that keeps a text in a variable. */
    @BeforeEach
    void hold() throws IOException {
        byte[] content = new byte[300_000];
        new Random(7).nextBytes(content);
        held = HexFormat.of().formatHex(content);
        shell = new ProcessBuilder("sh", "-c", "read -r held; echo held; read -r end").start();
        OutputStream in = shell.getOutputStream();
        in.write((held + "\n").getBytes(US_ASCII));
        in.flush();
        assertThat(shell.inputReader().readLine()).isEqualTo("held");
    }

    @AfterEach
    void end() {
        shell.destroyForcibly();
    }

    private byte[] read(List<Long> pids, long room) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        try (ProcessMemory memory = new ProcessMemory(pids, index, room)) {
            int length;
            while ((length = memory.readNBytes(buffer, 0, BUFFER)) > 0) {
                all.write(buffer, 0, length);
            }
        }
        return all.toByteArray();
    }

    @Test
    void whatAProcessHoldsIsRead() throws IOException {
        byte[] read = read(List.of(shell.pid()), Long.MAX_VALUE);

        assertThat(read.length % PAGE).isZero();
        assertThat(new String(read, ISO_8859_1).contains(held)).isTrue();
    }

    @Test
    void theIndexSaysWhereEachPageIs() throws IOException {
        byte[] read = read(List.of(shell.pid()), Long.MAX_VALUE);

        for (int at = 0; at < read.length; at += PAGE) {
            PageIndex.Piece piece = index.piece(read, at, at + PAGE);
            int from = (int) piece.from();
            assertThat(Arrays.equals(read, from, from + PAGE, read, at, at + PAGE))
                    .as("page at %d", at)
                    .isTrue();
        }
    }

    @Test
    void noMoreIsReadThanThereIsRoom() throws IOException {
        assertThat(read(List.of(shell.pid()), 3 * PAGE + 1)).hasSize(3 * PAGE);
        assertThat(read(List.of(shell.pid()), PAGE - 1)).isEmpty();
    }

    @Test
    void aProcessThatHasEndedHasNothing() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();

        assertThat(read(List.of(ended.pid()), Long.MAX_VALUE)).isEmpty();
        assertThat(read(List.of(ended.pid(), shell.pid()), PAGE))
                .as("the next one")
                .hasSize(PAGE);
    }

    @Test
    void bytesAreNotReadOneByOne() throws IOException {
        try (ProcessMemory memory = new ProcessMemory(List.of(shell.pid()), index, PAGE)) {
            assertThatThrownBy(memory::read).isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
