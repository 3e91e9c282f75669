// SPDX-License-Identifier: Apache-2.0
package dev.carovana.openfaas;

import dev.carovana.controller.function.FunctionSource;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import dev.carovana.openfaas.OpenFaasFunction.Spec;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An OpenFaaS Function with the label {@code carovana.dev/state}. */
@ApplicationScoped
class OpenFaasSource implements FunctionSource<OpenFaasFunction> {
    @Override
    public Class<OpenFaasFunction> type() {
        return OpenFaasFunction.class;
    }

    /** Labels in {@code spec.labels} cannot be selected by. */
    @Override
    public @Nullable String labelSelector() {
        return null;
    }

    @Override
    public boolean isFunction(OpenFaasFunction function) {
        return labels(function).containsKey(FunctionContract.STATE);
    }

    /** {@code faas-cli} puts the labels and annotations of a {@code stack.yaml} into the spec: they count as the object's own. */
    @Override
    public FunctionContract.Result contract(OpenFaasFunction function) {
        Spec spec = function.getSpec();
        return FunctionContract.parse(
                labels(function),
                both(function.getMetadata().getAnnotations(), spec == null ? null : spec.annotations()));
    }

    @Override
    public Template template(OpenFaasFunction function) {
        Spec spec = function.getSpec();
        if (spec == null || spec.image() == null || spec.name() == null) {
            return new Template.Refused(new Reason(
                    "FunctionSpec",
                    "OpenFaaS Function " + function.getMetadata().getName()
                            + ": spec.name or spec.image is missing, expected both"));
        }
        return new Template.Found(FunctionPods.template(spec, spec.name(), spec.image()));
    }

    private static Map<String, String> labels(OpenFaasFunction function) {
        Spec spec = function.getSpec();
        return both(function.getMetadata().getLabels(), spec == null ? null : spec.labels());
    }

    private static Map<String, String> both(@Nullable Map<String, String> object, @Nullable Map<String, String> spec) {
        Map<String, String> all = new HashMap<>();
        if (spec != null) {
            all.putAll(spec);
        }
        if (object != null) {
            all.putAll(object);
        }
        return all;
    }
}
