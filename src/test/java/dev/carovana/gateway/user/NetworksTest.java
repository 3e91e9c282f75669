// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
    private final Networks networks =
            Networks.of(List.of("10.0.0.0/8", "192.168.4.0/22", "203.0.113.7", "fc00::/7", "::1"));

    @ParameterizedTest
    @CsvSource({
        "10.255.0.1, true",
        "11.0.0.1, false",
        "192.168.7.255, true",
        "192.168.8.0, false",
        "203.0.113.7, true",
        "203.0.113.8, false",
        "::ffff:10.0.0.1, true",
        "fd12::1, true",
        "2001:db8::1, false",
        "::1, true",
        "::2, false",
        "example.org, false"
    })
    void anAddressIsInOneOfThemOrNot(String address, boolean expected) {
        assertThat(networks.contains(address)).isEqualTo(expected);
    }

    @Test
    void nothingIsInNone() {
        assertThat(networks.contains(null)).isFalse();
        assertThat(Networks.of(List.of("0.0.0.0/0")).contains("8.8.8.8")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0/8", "x", "", "::/129", "10.0.0.0/-1", "10.0.0.0/x"})
    void whatIsNoNetworkIsNamed(String text) {
        assertThatThrownBy(() -> Networks.of(List.of(text))).hasMessageContaining("'" + text + "'");
    }
}
