// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.controller.Events;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.FunctionContract.Result;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;

/** Tells a function's developer, on the object itself, what is wrong with its label and annotations. Changes nothing. */
@ControllerConfiguration(name = "function", informer = @Informer(labelSelector = FunctionContract.STATE))
public class FunctionReconciler implements Reconciler<Deployment> {
    private final Events events;

    FunctionReconciler(Events events) {
        this.events = events;
    }

    @Override
    public UpdateControl<Deployment> reconcile(Deployment deployment, Context<Deployment> context) {
        if (DeploymentTemplates.contract(deployment) instanceof Result.Invalid(var reasons)) {
            reasons.forEach(reason -> events.warn(deployment, reason));
        }
        return UpdateControl.noUpdate();
    }
}
