// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Map;

/** A function as {@link Functions} finds it. */
public final class SomeFunction {
    private SomeFunction() {}

    /** Deployment cart, with this template. */
    public static Function of(PodTemplateSpec template, String state) {
        FunctionContract.Result contract = FunctionContract.parse(
                Map.of(FunctionContract.STATE, state), Map.of(FunctionContract.RESTARTED_AT, "10:00"));
        return new Function(
                template,
                "hash-of-it",
                ((FunctionContract.Result.Valid) contract).contract(),
                new OwnerReferenceBuilder()
                        .withApiVersion("apps/v1")
                        .withKind("Deployment")
                        .withName("cart")
                        .withUid("function-uid")
                        .build());
    }
}
