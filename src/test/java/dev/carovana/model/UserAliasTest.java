// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserAliasTest {
    @ParameterizedTest
    @CsvSource({
        "10.100.0.1, ipv4:10.100.0.1",
        "2001:DB8::1, ipv6:2001:db8:0:0:0:0:0:1",
        "2001:db8:0:0::1, ipv6:2001:db8:0:0:0:0:0:1",
    })
    void anAddressHasOneSpelling(String address, String alias) {
        assertThat(UserAlias.ofAddress(address)).contains(alias);
        assertThat(UserAlias.normal(alias)).isEqualTo(alias);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "alice",
                "10.100.0",
                "10.100.0.256",
                "1:2",
                ".:1",
                "::1::",
                "example.org",
                "[::1]",
                "fe80::1%eth0"
            })
    void whatIsNoAddress(String text) {
        assertThat(UserAlias.ofAddress(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "ipv6:2001:DB8::1, ipv6:2001:db8:0:0:0:0:0:1",
        "ipv6:nonsense, ipv6:nonsense",
        "gpsi:msisdn-39050, gpsi:msisdn-39050",
        "alice, alice",
    })
    void whatPeopleWriteIsCompared(String written, String normal) {
        assertThat(UserAlias.normal(written)).isEqualTo(normal);
    }
}
