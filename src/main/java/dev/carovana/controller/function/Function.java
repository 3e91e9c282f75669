// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

/**
 * A function as it is now.
 *
 * @param template its pod template
 * @param templateHash the same for the same template
 * @param contract what its developer says of it
 * @param owner for the objects that are removed with the function
 */
public record Function(PodTemplateSpec template, String templateHash, FunctionContract contract, OwnerReference owner) {

    /** Whether its users are served by copies, not by pods of their own. */
    public boolean isRemote() {
        return contract.state() == FunctionContract.State.REMOTE;
    }

    /** What was found. */
    public sealed interface Result {
        record Found(Function function) implements Result {}

        /** No function, or not one that Carovana runs. */
        record Refused(Reason reason) implements Result {}
    }
}
