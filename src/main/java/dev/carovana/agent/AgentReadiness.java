// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the API server has told which pods the node has. */
@Readiness
@ApplicationScoped
class AgentReadiness implements HealthCheck {
    private final CarovanaConfig config;
    private final Agent agent;

    AgentReadiness(CarovanaConfig config, Agent agent) {
        this.config = config;
        this.agent = agent;
    }

    @Override
    public HealthCheckResponse call() {
        boolean ready = config.role() != Role.AGENT || agent.isReady();
        return HealthCheckResponse.named("pods").status(ready).build();
    }
}
