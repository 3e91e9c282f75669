// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two instances of one user of one function, as people make them by hand. */
class RouteTableTest {
    private final RouteTable routes = new RouteTable(
            new Limits("edge-a", Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofSeconds(1), 100, 1000),
            new Room(1000, 1 << 20),
            new FakeTimers(),
            FakeHub::new);
    private final List<String> log = new ArrayList<>();

    @BeforeEach
    void know() {
        routes.syncing();
        routes.function(
                FunctionRoute.newBuilder().setNamespace("shop").setName("cart").build());
        routes.synced();
    }

    private void tell(String instance, String host) {
        routes.instance(InstanceRoute.newBuilder()
                .setNamespace("shop")
                .setInstance(instance)
                .setFunction("cart")
                .setUser("ann")
                .setSite("edge-a")
                .setEpoch(1)
                .setHost(host)
                .build());
    }

    /** The host that a call goes to; null if it waits. */
    private @Nullable String call() {
        FakeCall call = new FakeCall("one", log, Runnable::run);
        Pass pass = Pass.ofUser(call, false, 0);
        routes.enter(new GateKey("shop/cart", "ann"), pass);
        pass.leave();
        return call.route == null ? null : call.route.getHost();
    }

    @Test
    void theFirstServesAndTheSecondTakesOver() {
        tell("first", "10.0.0.1");
        tell("second", "10.0.0.2");
        assertThat(call()).isEqualTo("10.0.0.1");

        routes.instanceGone("shop", "first");

        assertThat(call()).isEqualTo("10.0.0.2");
        routes.instanceGone("shop", "second");
        assertThat(call()).isNull();
    }

    @Test
    void oneThatRunsServesWhateverIsToldFirst() {
        tell("second", "");
        tell("first", "10.0.0.1");
        tell("second", "");

        assertThat(call()).isEqualTo("10.0.0.1");
        routes.instanceGone("shop", "second");
        assertThat(call()).isEqualTo("10.0.0.1");
    }
}
