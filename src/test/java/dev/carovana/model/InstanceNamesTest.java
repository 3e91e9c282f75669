// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceNamesTest {
    private static String name(String function, String user) {
        return InstanceNames.of("key", "functions", "apps/v1", "Deployment", function, user);
    }

    @Test
    void theSameForTheSameUserAndFunction() {
        assertThat(name("cart", "alice")).isEqualTo(name("cart", "alice")).matches("cart-[0-9a-f]{16}");
    }

    @Test
    void anotherForEveryOtherPart() {
        assertThat(name("cart", "alice"))
                .isNotEqualTo(name("cart", "bob"))
                .isNotEqualTo(name("chat", "alice"))
                .isNotEqualTo(InstanceNames.of("other", "functions", "apps/v1", "Deployment", "cart", "alice"))
                .isNotEqualTo(InstanceNames.of("key", "elsewhere", "apps/v1", "Deployment", "cart", "alice"))
                .isNotEqualTo(
                        InstanceNames.of("key", "functions", "serving.knative.dev/v1", "Service", "cart", "alice"));
    }

    @Test
    void aNewVersionOfTheFunctionsApiGivesTheSameName() {
        assertThat(InstanceNames.of("key", "functions", "apps/v2", "Deployment", "cart", "alice"))
                .isEqualTo(name("cart", "alice"));
    }

    @Test
    void doesNotShowTheUser() {
        assertThat(name("cart", "alice")).doesNotContain("alice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cart",
                "a",
                "9lives",
                "my.function.v2",
                "a-very-long-name-of-a-function-that-somebody-liked-so-much-that-it-would-not-end",
                "a-name-whose-forty-sixth-character-is-a-hyphen-x"
            })
    void isAHostName(String function) {
        assertThat(name(function, "Ünïcode user/with:anything")).matches("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");
    }
}
