// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AcceptQueuesTest {
    private static final String HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

    private static long waiting(String... lines) {
        return AcceptQueues.waiting(
                (HEAD + "\n" + String.join("\n", lines)).lines().toList());
    }

    private static String socket(String state, String queues) {
        return "   0: 00000000:1F90 00000000:0000 " + state + " " + queues
                + " 00:00000000 00000000     0        0 41234 1 0000000000000000 100 0 0 10 0";
    }

    @Test
    void whoListensAndHasAcceptedEveryone() {
        assertThat(waiting(socket("0A", "00000000:00000000"))).isZero();
    }

    @Test
    void whoWaitsToBeAccepted() {
        assertThat(waiting(socket("0A", "00000000:00000003"))).isEqualTo(3);
    }

    @Test
    void theQueueIsToldInHexadecimal() {
        assertThat(waiting(socket("0A", "00000000:0000001A"))).isEqualTo(26);
    }

    @Test
    void allThatListenCount() {
        assertThat(waiting(socket("0A", "00000000:00000001"), socket("0A", "00000000:00000002")))
                .isEqualTo(3);
    }

    @Test
    void unreadBytesOfAConnectionDoNotCount() {
        assertThat(waiting(socket("01", "00000007:00000100"))).isZero();
    }

    @Test
    void howManyMayWaitDoesNotCount() {
        assertThat(waiting(socket("0A", "00000080:00000000"))).isZero();
    }

    @Test
    void versionSixLooksTheSame() {
        assertThat(waiting("   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A"
                        + " 00000000:00000001 00:00000000 00000000     0        0 5 1 0000000000000000 100 0 0 10 0"))
                .isEqualTo(1);
    }

    @Test
    void anEmptyTable() {
        assertThat(waiting()).isZero();
    }
}
