// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

/** Where the pod template of a function comes from: one adapter for each kind of object that can be a function. */
public interface FunctionTemplates {
    /** What was found. */
    sealed interface Result {
        /**
         * A function.
         *
         * @param template its pod template
         * @param contract what its developer says of it
         */
        record Found(PodTemplateSpec template, FunctionContract contract) implements Result {}

        /** No function, or not one that Carovana runs. */
        record Refused(Reason reason) implements Result {}
    }

    /** Whether this adapter knows the object's kind. */
    boolean knows(FunctionRef function);

    /** Reads the function and checks its label contract. */
    Result find(String namespace, FunctionRef function);
}
