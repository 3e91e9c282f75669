// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkTest {
    private static final byte[] RANDOM = new byte[Chunk.SIZE];
    private static final byte[] REPEATED =
            "again and again ".repeat(Chunk.SIZE / 16).getBytes(UTF_8);

    static {
        new Random(1).nextBytes(RANDOM);
    }

    private final byte[] scratch = new byte[Chunk.SIZE];

    /** Of a network so slow that compressing pays. */
    private static ChunkMaker slowNetwork() {
        Gain gain = new Gain();
        for (int i = 0; i < 20; i++) {
            gain.sent(Chunk.SIZE, 1_000_000_000);
        }
        return new ChunkMaker(gain);
    }

    /** As it lies in a frame, after file and offset. */
    private static ByteBuffer body(Chunk chunk) {
        return ByteBuffer.allocate(Chunk.HEADER + chunk.length())
                .putInt(chunk.rawLength())
                .putInt(chunk.digest())
                .put((byte) (chunk.compressed() ? 1 : 0))
                .put(chunk.bytes(), 0, chunk.length())
                .flip();
    }

    private byte[] unpack(Chunk chunk) throws IOException {
        ByteBuffer raw = Chunk.unpack(body(chunk), scratch);
        byte[] bytes = new byte[raw.remaining()];
        raw.get(bytes);
        return bytes;
    }

    @Test
    void aCompressedChunkIsWhatItWas() throws IOException {
        Chunk chunk = slowNetwork().make(REPEATED, REPEATED.length);

        assertThat(chunk.compressed()).isTrue();
        assertThat(chunk.length()).isLessThan(REPEATED.length / 100);
        assertThat(unpack(chunk)).isEqualTo(REPEATED);
    }

    @Test
    void aChunkThatDoesNotGetSmallerIsSentAsItIs() throws IOException {
        Chunk chunk = slowNetwork().make(RANDOM, RANDOM.length);

        assertThat(chunk.compressed()).isFalse();
        assertThat(unpack(chunk)).isEqualTo(RANDOM);
    }

    @Test
    void afterOneThatDidNotGetSmallerEightAreNotTried() {
        ChunkMaker chunks = slowNetwork();
        chunks.make(RANDOM, RANDOM.length);
        for (int i = 0; i < 8; i++) {
            assertThat(chunks.make(REPEATED, REPEATED.length).compressed()).isFalse();
        }

        assertThat(chunks.make(REPEATED, REPEATED.length).compressed()).isTrue();
    }

    @Test
    void onlyTheFirstBytesCount() throws IOException {
        assertThat(unpack(slowNetwork().make(REPEATED, 1000))).isEqualTo(Arrays.copyOf(REPEATED, 1000));
        assertThat(unpack(new ChunkMaker(new Gain()).make(RANDOM, 3))).isEqualTo(Arrays.copyOf(RANDOM, 3));
    }

    @Test
    void oneWrongBitIsFound() {
        byte[] sent = RANDOM.clone();
        Chunk chunk = new ChunkMaker(new Gain()).make(sent, sent.length);
        sent[1000] ^= 4;

        assertThatThrownBy(() -> unpack(chunk))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("digest");
    }

    @Test
    void aChunkThatGrowsBeyondWhatWasAnnouncedIsRefused() {
        Chunk chunk = slowNetwork().make(REPEATED, REPEATED.length);
        Chunk lying = new Chunk(chunk.bytes(), chunk.length(), 100, true, chunk.digest());

        assertThatThrownBy(() -> unpack(lying)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void theDigestOfAFileDependsOnTheOrder() {
        FileDigest forth = new FileDigest();
        forth.add(1);
        forth.add(2);
        FileDigest back = new FileDigest();
        back.add(2);
        back.add(1);

        assertThat(forth.value()).isNotEqualTo(back.value());
    }
}
