// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import io.javaoperatorsdk.operator.Operator;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the reconcilers run; an agent has none and is always ready as far as this goes. */
@Readiness
@ApplicationScoped
class ControllerReadiness implements HealthCheck {
    private final CarovanaConfig config;
    private final Instance<Operator> operator;

    ControllerReadiness(CarovanaConfig config, Instance<Operator> operator) {
        this.config = config;
        this.operator = operator;
    }

    @Override
    public HealthCheckResponse call() {
        boolean ready = config.role() != Role.CONTROLLER
                || operator.get().getRuntimeInfo().isStarted();
        return HealthCheckResponse.named("reconcilers").status(ready).build();
    }
}
