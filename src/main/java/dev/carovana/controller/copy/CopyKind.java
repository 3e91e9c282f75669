// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.function.Function;
import io.fabric8.kubernetes.api.model.Service;

/**
 * How copies of functions of one kind are made. Whatever they consist of, a Kubernetes Service with the copy's name and
 * {@link dev.carovana.api.v1alpha1.Carovana#COPY_LABEL} is among it, and changes when the copy becomes ready, or just
 * before.
 */
public interface CopyKind {
    /** Whether copies of an instance's function are of this kind, rather than {@link DeploymentCopies}. */
    boolean serves(FunctionInstance instance);

    /**
     * Makes a copy if it is not there, and keeps it at the function's template.
     *
     * @param instance that needs it
     * @return whether it takes calls
     */
    boolean ensure(String name, FunctionInstance instance, Function function, Site site);

    /** Whether a Service is of a copy of this kind, rather than of {@link DeploymentCopies}. */
    boolean made(Service service);

    /** Removes a copy; harmless if it has gone. */
    void end(Service copy);
}
