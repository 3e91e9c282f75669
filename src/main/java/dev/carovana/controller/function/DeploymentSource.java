// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import jakarta.enterprise.context.ApplicationScoped;

/** A Deployment with the label {@code carovana.dev/state}. */
@ApplicationScoped
class DeploymentSource implements FunctionSource<Deployment> {
    @Override
    public Class<Deployment> type() {
        return Deployment.class;
    }

    @Override
    public boolean optional() {
        return false;
    }

    @Override
    public Template template(Deployment deployment) {
        return new Template.Found(deployment.getSpec().getTemplate());
    }
}
