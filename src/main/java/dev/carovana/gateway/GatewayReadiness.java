// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when all routes are known, and not any more when the end has begun. */
@Readiness
@ApplicationScoped
class GatewayReadiness implements HealthCheck {
    private final CarovanaConfig config;
    private final Gateway gateway;

    GatewayReadiness(CarovanaConfig config, Gateway gateway) {
        this.config = config;
        this.gateway = gateway;
    }

    @Override
    public HealthCheckResponse call() {
        boolean ready = config.role() != Role.GATEWAY || gateway.isReady();
        return HealthCheckResponse.named("routes").status(ready).build();
    }
}
