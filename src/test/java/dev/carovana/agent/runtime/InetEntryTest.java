// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class InetEntryTest {
    @Test
    void aConnection() throws IOException {
        InetEntry entry = InetEntry.read(
                "   3: 0701F40A:1F90 0701F40A:C350 04 0000001A:00000000 01:00000014 00000000     0        0 0 1 0000000000000000");

        InetAddress own = InetAddress.getByName("10.244.1.7");
        assertThat(entry).isEqualTo(new InetEntry(InetEntry.FIN_WAIT1, own, 8080, own, 26, 0));
        assertThat(entry.isOfThisSite()).isTrue();
        assertThat(entry.isWithin()).isTrue();
        assertThat(entry.name()).isEqualTo("10.244.1.7:8080");
    }

    @Test
    void aServerOnEveryAddressOfVersionSix() throws IOException {
        InetEntry entry = InetEntry.read(
                "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A "
                        + "00000000:00000000 00:00000000 00000000     0        0 41234 1 0000000000000000 100 0 0 10 0");

        assertThat(entry.state()).isEqualTo(InetEntry.LISTEN);
        assertThat(entry.inode()).isEqualTo(41234);
        assertThat(entry.isOfThisSite()).isFalse();
        assertThat(entry.name()).isEqualTo("[0:0:0:0:0:0:0:0]:80");
    }
}
