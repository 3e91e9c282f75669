// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.agent.criu.EntryImage;
import dev.carovana.agent.criu.PagemapEntry;
import dev.carovana.agent.criu.PagemapHead;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProcessMemoryIT {
    private static final int PAGE = SentPages.PAGE;
    private static final int BUFFER = 64 * PAGE;

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

    private ProcessMemory memory(long room) {
        return ProcessMemory.of(Path.of("/proc", "" + shell.pid()), room).orElseThrow();
    }

    private static byte[] read(ProcessMemory memory) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER];
        try (memory) {
            int length;
            while ((length = memory.readNBytes(buffer, 0, BUFFER)) > 0) {
                all.write(buffer, 0, length);
            }
        }
        return all.toByteArray();
    }

    @Test
    void whatAProcessHoldsIsRead() throws IOException {
        ProcessMemory memory = memory(Long.MAX_VALUE);
        byte[] read = read(memory);

        assertThat(read.length % PAGE).isZero();
        assertThat(new String(read, ISO_8859_1).contains(held)).isTrue();
        assertThat(memory.pid()).isEqualTo(shell.pid());
    }

    @Test
    void theImagesSayWhereEachPageIsFrom(@TempDir Path folder) throws IOException {
        ProcessMemory memory = memory(Long.MAX_VALUE);
        byte[] read = read(memory);
        List<ByteBuffer> image = EntryImage.read(
                Files.write(folder.resolve("pagemap-1.img"), memory.sent().pagemap(7)));

        assertThat(PagemapHead.parseFrom(image.getFirst()).getPagesId()).isEqualTo(7);
        int at = 0;
        try (FileChannel mem = FileChannel.open(Path.of("/proc", "" + shell.pid(), "mem"))) {
            for (ByteBuffer bytes : image.subList(1, image.size())) {
                PagemapEntry entry = PagemapEntry.parseFrom(bytes);
                assertThat(entry.getFlags()).isEqualTo(Pagemap.PRESENT);
                ByteBuffer row = ByteBuffer.allocate((int) Pagemap.pages(entry) * PAGE);
                mem.read(row, entry.getVaddr());
                assertThat(row.array())
                        .as("%d pages from %x", Pagemap.pages(entry), entry.getVaddr())
                        .isEqualTo(Arrays.copyOfRange(read, at, at + row.capacity()));
                at += row.capacity();
            }
        }
        assertThat(at).isEqualTo(read.length);
    }

    @Test
    void noMoreIsReadThanThereIsRoom() throws IOException {
        assertThat(read(memory(3 * PAGE + 1))).hasSize(3 * PAGE);
        assertThat(read(memory(PAGE - 1))).isEmpty();
    }

    @Test
    void aProcessThatHasEndedHasNone() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();

        assertThat(ProcessMemory.of(Path.of("/proc", "" + ended.pid()), Long.MAX_VALUE))
                .isEmpty();
    }

    @Test
    void bytesAreNotReadOneByOne() throws IOException {
        try (ProcessMemory memory = memory(PAGE)) {
            assertThatThrownBy(memory::read).isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
