// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Lines are as ss prints them. */
class StreamSocketsTest {
    @Test
    void streamsThatAreConnectedAreNamed() {
        assertThat(StreamSockets.options(Stream.of(
                        "u_str ESTAB 0      0            * 11 * 12   ",
                        "u_str ESTAB 0      0     /run/a b * 12 * 11",
                        "u_seq ESTAB 0      0           @x 13 * 14   ",
                        "u_str ESTAB 0      0            * 15 * 0    ",
                        "u_dgr ESTAB 0      0            * 16 * 17   ")))
                .isEqualTo("external unix[11]\nexternal unix[12]\nexternal unix[13]\n");
    }
}
