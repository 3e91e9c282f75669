// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GatewayConfigTest {
    private static GatewayConfig config(Map<String, String> set) {
        Map<String, String> values = new HashMap<>();
        set.forEach((name, value) -> values.put("carovana.gateway." + name, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(GatewayConfig.class)
                .withDefaultValues(values)
                .build()
                .getConfigMapping(GatewayConfig.class);
    }

    @Test
    void everythingButTheSiteHasADefault() {
        GatewayConfig config = config(Map.of());

        assertThat(config.site()).isEmpty();
        assertThat(config.port()).isEqualTo(8000);
        assertThat(config.peer().port()).isEqualTo(8443);
        assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.startTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.drainPatience()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.userCalls()).isEqualTo(1000);
        assertThat(config.replayBytes().asLongValue()).isEqualTo(64 << 10);
        assertThat(config.accessLog()).isTrue();
        assertThat(config.tls().directory()).isEmpty();
        assertThat(config.hold().timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.hold().calls()).isEqualTo(100);
        assertThat(config.hold().totalCalls()).isEqualTo(10_000);
        assertThat(config.hold().bytes().asLongValue()).isEqualTo(64 << 20);
        assertThat(config.users().headerCallers()).contains("127.0.0.0/8", "10.0.0.0/8", "fc00::/7");
        assertThat(config.jwt().jwks()).isEmpty();
        assertThat(config.pool().size()).isEqualTo(64);
        assertThat(config.pool().keepAlive()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.pool().connectTimeout()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void everythingCanBeSet() {
        GatewayConfig config = config(Map.ofEntries(
                Map.entry("site", "edge-a"),
                Map.entry("port", "1"),
                Map.entry("peer.port", "2"),
                Map.entry("timeout", "3s"),
                Map.entry("start-timeout", "4s"),
                Map.entry("drain-patience", "5s"),
                Map.entry("shutdown-timeout", "6s"),
                Map.entry("user-calls", "7"),
                Map.entry("replay-bytes", "8K"),
                Map.entry("access-log", "false"),
                Map.entry("tls.directory", "/tls"),
                Map.entry("hold.timeout", "9s"),
                Map.entry("hold.calls", "10"),
                Map.entry("hold.total-calls", "11"),
                Map.entry("hold.bytes", "12M"),
                Map.entry("users.header-callers", "192.0.2.0/24,2001:db8::/32"),
                Map.entry("jwt.jwks", "/keys"),
                Map.entry("jwt.issuer", "me"),
                Map.entry("jwt.audience", "you"),
                Map.entry("pool.size", "13"),
                Map.entry("pool.keep-alive", "14s"),
                Map.entry("pool.connect-timeout", "15s")));

        assertThat(config.site()).contains("edge-a");
        assertThat(config.port()).isEqualTo(1);
        assertThat(config.peer().port()).isEqualTo(2);
        assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.startTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(config.drainPatience()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.shutdownTimeout()).isEqualTo(Duration.ofSeconds(6));
        assertThat(config.userCalls()).isEqualTo(7);
        assertThat(config.replayBytes().asLongValue()).isEqualTo(8 << 10);
        assertThat(config.accessLog()).isFalse();
        assertThat(config.tls().directory()).contains("/tls");
        assertThat(config.hold().timeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(config.hold().calls()).isEqualTo(10);
        assertThat(config.hold().totalCalls()).isEqualTo(11);
        assertThat(config.hold().bytes().asLongValue()).isEqualTo(12 << 20);
        assertThat(config.users().headerCallers()).isEqualTo(List.of("192.0.2.0/24", "2001:db8::/32"));
        assertThat(config.jwt().jwks()).contains("/keys");
        assertThat(config.jwt().issuer()).contains("me");
        assertThat(config.jwt().audience()).contains("you");
        assertThat(config.pool().size()).isEqualTo(13);
        assertThat(config.pool().keepAlive()).isEqualTo(Duration.ofSeconds(14));
        assertThat(config.pool().connectTimeout()).isEqualTo(Duration.ofSeconds(15));
    }
}
