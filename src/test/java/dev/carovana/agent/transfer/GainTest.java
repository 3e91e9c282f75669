// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GainTest {
    private static final int CHUNK = 256 << 10;

    private final Gain gain = new Gain();

    private void sent(int times, int bytes, double nanosPerByte) {
        for (int i = 0; i < times; i++) {
            gain.sent(bytes, (long) (bytes * nanosPerByte));
        }
    }

    private void compressed(int times, double nanosPerByte, double rest) {
        for (int i = 0; i < times; i++) {
            gain.compressed(CHUNK, (long) (CHUNK * nanosPerByte), (long) (CHUNK * rest));
        }
    }

    @Test
    void aNetworkThatIsNotKnownYetIsNotMadeToWait() {
        assertThat(gain.isWorthIt()).isFalse();
    }

    @Test
    void aFastNetworkGetsTheBytesAsTheyAre() {
        sent(20, CHUNK, 1);

        assertThat(gain.isWorthIt()).isFalse();
    }

    @Test
    void aSlowNetworkTurnsItOn() {
        sent(20, CHUNK, 10);

        assertThat(gain.isWorthIt()).isTrue();
    }

    @Test
    void aNetworkThatBecomesFastTurnsItOff() {
        sent(20, CHUNK, 10);
        sent(20, CHUNK, 1);

        assertThat(gain.isWorthIt()).isFalse();
    }

    @Test
    void oneSlowWriteIsNotASlowNetwork() {
        sent(20, CHUNK, 1);
        sent(1, CHUNK, 10);

        assertThat(gain.isWorthIt()).isFalse();
    }

    @Test
    void fewBytesSayNothing() {
        sent(20, (16 << 10) - 1, 1000);

        assertThat(gain.isWorthIt()).isFalse();
    }

    @Test
    void whatDoesNotGetSmallerIsNotCompressed() {
        sent(20, CHUNK, 10);
        compressed(20, 2.5, 1);

        assertThat(gain.isWorthIt()).isFalse();
    }

    @Test
    void aSlowProcessorDoesNotCompress() {
        sent(20, CHUNK, 10);
        compressed(20, 20, 0.1);

        assertThat(gain.isWorthIt()).isFalse();
    }
}
