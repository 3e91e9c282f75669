// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.agent.memory.PageIndex.Piece;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageIndexTest {
    private static final int PAGE = PageIndex.PAGE;

    private final PageIndex index = new PageIndex();
    private final byte[] sent = new byte[3000 * PAGE]; // the index grows twice

    private void send() {
        new Random(1).nextBytes(sent);
        for (int at = 0; at < sent.length; at += PAGE) {
            index.add(sent, at);
        }
    }

    private static byte[] pages(byte[] of, int first, int count) {
        return Arrays.copyOfRange(of, first * PAGE, (first + count) * PAGE);
    }

    @Test
    void whereNothingWasSentAllIsNew() {
        assertThat(index.piece(sent, 0, 5000)).isEqualTo(new Piece(5000, -1));
    }

    @Test
    void whatLiesTogetherIsOnePiece() {
        send();

        assertThat(index.piece(sent, 0, sent.length)).isEqualTo(new Piece(sent.length, 0));
        assertThat(index.piece(pages(sent, 2998, 2), 0, 2 * PAGE)).isEqualTo(new Piece(2 * PAGE, 2998L * PAGE));
    }

    @Test
    void aChangedPageIsNew() {
        send();
        byte[] dumped = pages(sent, 10, 3);
        dumped[PAGE + 17]++;

        assertThat(index.piece(dumped, 0, dumped.length)).isEqualTo(new Piece(PAGE, 10L * PAGE));
        assertThat(index.piece(dumped, PAGE, dumped.length))
                .matches(Piece::isNew)
                .returns(PAGE, Piece::length);
        assertThat(index.piece(dumped, 2 * PAGE, dumped.length)).isEqualTo(new Piece(PAGE, 12L * PAGE));
    }

    @Test
    void aRowEndsWhereAnotherBegins() {
        send();
        byte[] dumped = pages(sent, 10, 2);
        System.arraycopy(sent, 700 * PAGE, dumped, PAGE, PAGE);

        assertThat(index.piece(dumped, 0, dumped.length)).isEqualTo(new Piece(PAGE, 10L * PAGE));
    }

    @Test
    void equalPagesStayInTheirRow() {
        byte[] empty = new byte[4 * PAGE];
        empty[0] = 1;
        for (int page = 0; page < 4; page++) {
            index.add(empty, page * PAGE);
        }

        assertThat(index.piece(empty, 0, empty.length)).isEqualTo(new Piece(empty.length, 0));
    }

    @Test
    void lessThanAPageIsNew() {
        send();

        assertThat(index.piece(sent, 0, PAGE - 1)).matches(Piece::isNew).returns(PAGE - 1, Piece::length);
        assertThat(index.piece(sent, 0, PAGE + 1)).isEqualTo(new Piece(PAGE, 0));
    }
}
