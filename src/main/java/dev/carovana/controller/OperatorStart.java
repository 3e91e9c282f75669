// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;

/** Starts the reconcilers, in the controller only. */
@ApplicationScoped
class OperatorStart {
    private final CarovanaConfig config;
    private final Instance<Operator> operator;

    OperatorStart(CarovanaConfig config, Instance<Operator> operator) {
        this.config = config;
        this.operator = operator;
    }

    void start(@Observes StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            operator.get().start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (config.role() == Role.CONTROLLER) {
            operator.get().stop();
        }
    }
}
