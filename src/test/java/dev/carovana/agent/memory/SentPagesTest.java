// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentPagesTest {
    private static final int PAGE = SentPages.PAGE;

    private final SentPages sent = new SentPages();

    private static byte[] page(int content) {
        byte[] page = new byte[PAGE];
        page[PAGE - 1] = (byte) content;
        return page;
    }

    @Test
    void aPageIsKnownByWhereItIsAndWhatItHolds() {
        sent.add(0x1000, page(1), 0);
        sent.add(0x7000, page(2), 0);

        assertThat(sent.has(0x1000, page(1), 0)).isTrue();
        assertThat(sent.has(0x7000, page(2), 0)).isTrue();
        assertThat(sent.has(0x1000, page(2), 0)).as("changed").isFalse();
        assertThat(sent.has(0x2000, page(1), 0)).as("moved").isFalse();
    }

    @Test
    void manyPagesAreKnown() {
        for (int page = 1; page <= 5000; page++) {
            sent.add((long) page * PAGE, page(page), 0);
        }
        for (int page = 1; page <= 5000; page++) {
            assertThat(sent.has((long) page * PAGE, page(page), 0)).isTrue();
        }
    }

    @Test
    void whatLiesWithinABufferCounts() {
        byte[] two = new byte[2 * PAGE];
        two[2 * PAGE - 1] = 7;
        sent.add(0x1000, two, PAGE);

        assertThat(sent.has(0x1000, page(7), 0)).isTrue();
        assertThat(sent.has(0x1000, two, 0)).isFalse();
    }
}
