// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway;

import dev.carovana.gateway.route.Limits;
import dev.carovana.gateway.route.Room;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What the settings mean for the parts that do not know them. */
final class GatewayBeans {
    @Produces
    @Singleton
    Limits limits(GatewayConfig config) {
        return new Limits(
                config.site().orElse(""),
                config.hold().timeout(),
                config.startTimeout(),
                config.drainPatience(),
                config.hold().calls(),
                config.userCalls());
    }

    @Produces
    @Singleton
    Room room(GatewayConfig config) {
        return new Room(config.hold().totalCalls(), config.hold().bytes().asLongValue());
    }
}
