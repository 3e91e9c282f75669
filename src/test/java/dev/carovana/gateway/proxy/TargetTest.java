// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.gateway.route.FakeHub;
import dev.carovana.gateway.route.Limits;
import dev.carovana.gateway.route.Room;
import dev.carovana.gateway.route.RouteTable;
import dev.carovana.gateway.route.SystemTimers;
import dev.carovana.link.v1.FunctionRoute;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
    private final RouteTable routes = new RouteTable(
            new Limits("edge-a", Duration.ZERO, Duration.ZERO, Duration.ZERO, 1, 1),
            new Room(1, 1),
            new SystemTimers(),
            FakeHub::new);

    @BeforeEach
    void know() {
        routes.function(FunctionRoute.newBuilder()
                .setNamespace("shop")
                .setName("cart")
                .addHosts("Cart.example.org")
                .build());
    }

    private @Nullable Target of(@Nullable String host, String uri) {
        HostAndPort authority = host == null ? null : HostAndPort.parseAuthority(host, -1);
        return Target.of(new RequestTarget(authority, uri), routes);
    }

    @ParameterizedTest
    @CsvSource({
        "/function/shop/cart, /",
        "/function/shop/cart/, /",
        "/function/shop/cart?x=1, /?x=1",
        "/function/shop/cart/a/b?x=1&y=/, /a/b?x=1&y=/",
        "/function/shop/cart//a/../b/%2F%zz, //a/../b/%2F%zz",
        "/function/shop/cart#x, /#x",
        "/function/shop/carts,",
        "/function/shop/,",
        "/function/shop,",
        "/function//cart,",
        "/function/Shop/cart/,",
        "/functions/shop/cart,",
        "/,",
        "*,",
        "http://x/function/shop/cart,"
    })
    void thePathNamesTheFunctionAndIsOtherwiseLeftAlone(String uri, String expected) {
        Target target = of(null, uri);

        assertThat(target == null ? null : target.uri()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"cart.example.org", "CART.example.org:8000"})
    void theHostNamesTheFunctionToo(String host) {
        Target target = of(host, "/function/shop/other?x");

        assertThat(target.function()).isEqualTo("shop/cart");
        assertThat(target.uri()).isEqualTo("/function/shop/other?x");
    }

    @Test
    void aHostIsOnesOwnUntilTheFunctionIsGone() {
        assertThat(of("other.example.org", "/")).isNull();
        assertThat(of("[::1]:80", "/function/shop/cart")).isNotNull();

        routes.functionGone("shop", "cart");

        assertThat(of("cart.example.org", "/")).isNull();
    }
}
