// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.FunctionRoute.Retry;
import dev.carovana.link.v1.InstanceRoute;
import io.vertx.core.MultiMap;
import io.vertx.core.net.HostAndPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderRulesTest {
    private static MultiMap headers(String... namesAndValues) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private static MultiMap copy(String... namesAndValues) {
        MultiMap to = MultiMap.caseInsensitiveMultiMap();
        HeaderRules.copy(headers(namesAndValues), to);
        return to;
    }

    @Test
    void headersOfTheConnectionStay() {
        MultiMap to = copy(
                "Connection", "keep-alive, X-Private",
                "Keep-Alive", "timeout=5",
                "X-Private", "1",
                "TE", "trailers",
                "Transfer-Encoding", "chunked",
                "Upgrade", "h2c",
                "HTTP2-Settings", "AAA",
                "Proxy-Connection", "close",
                "Host", "x",
                "Expect", "100-continue");

        assertThat(to.isEmpty()).isTrue();
    }

    @Test
    void allOthersGoOnWithAllTheirValues() {
        MultiMap to = copy("Set-Cookie", "a", "Set-Cookie", "b", "traceparent", "00-1", "X-Carovana-User", "ann");

        assertThat(to.getAll("set-cookie")).containsExactly("a", "b");
        assertThat(to.get("traceparent")).isEqualTo("00-1");
        assertThat(to.get("X-Carovana-User")).isEqualTo("ann");
    }

    @Test
    void oursAreNotTakenFromOthers() {
        assertThat(copy("Carovana-Epoch", "1", "carovana-user", "x", "CAROVANA-anything", "y")
                        .isEmpty())
                .isTrue();
    }

    @Test
    void anIdentityIsReadAsItWasWritten() {
        InstanceRoute route =
                InstanceRoute.newBuilder().setInstance("cart-1").setEpoch(5).build();
        MultiMap headers = headers();

        Identity.write(headers, "shop/cart", "Änn, \"the\" user\n", route);

        assertThat(Identity.read(headers)).isEqualTo(new Identity("shop/cart", "Änn, \"the\" user\n", "cart-1", 5));
        headers.set(Names.EPOCH, "-1");
        assertThat(Identity.read(headers)).isNull();
        headers.set(Names.EPOCH, "x");
        assertThat(Identity.read(headers)).isNull();
        headers.remove(Names.EPOCH);
        assertThat(Identity.read(headers)).isNull();
    }

    @Test
    void onlyTrustedCallersSayWhatWasBeforeThem() {
        String[] before = {"X-Forwarded-For", "1.1.1.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "a"};
        MultiMap trusted = headers(before);
        MultiMap others = headers(before);

        HostAndPort host = HostAndPort.create("b", -1);
        new Forwarding("10.0.0.1", "http", host, true).write(trusted);
        new Forwarding("10.0.0.1", "http", host, false).write(others);

        assertThat(trusted.get("x-forwarded-for")).isEqualTo("1.1.1.1, 10.0.0.1");
        assertThat(trusted.get("x-forwarded-proto")).isEqualTo("https");
        assertThat(trusted.get("x-forwarded-host")).isEqualTo("a");
        assertThat(others.get("x-forwarded-for")).isEqualTo("10.0.0.1");
        assertThat(others.get("x-forwarded-proto")).isEqualTo("http");
        assertThat(others.get("x-forwarded-host")).isEqualTo("b");
    }

    @ParameterizedTest
    @CsvSource({
        "IDEMPOTENT, GET, true",
        "IDEMPOTENT, PUT, true",
        "IDEMPOTENT, POST, false",
        "IDEMPOTENT, PATCH, false",
        "ALWAYS, POST, true",
        "NEVER, GET, false"
    })
    void whatMayHaveBeenExecutedIsRepeatedIfThatDoesNoHarm(Retry retry, String method, boolean expected) {
        assertThat(RetryRule.allows(retry, method)).isEqualTo(expected);
    }
}
