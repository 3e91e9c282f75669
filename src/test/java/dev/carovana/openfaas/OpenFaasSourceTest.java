// SPDX-License-Identifier: Apache-2.0
package dev.carovana.openfaas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.Golden;
import dev.carovana.controller.function.FunctionSource.Template;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.FunctionContract.State;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenFaasSourceTest {
    private final OpenFaasSource source = new OpenFaasSource();

    @ParameterizedTest
    @ValueSource(strings = {"plain", "full"})
    void aPodTemplateAsOpenFaasMakesIt(String name) {
        OpenFaasFunction function = Golden.read("openfaas/" + name + "/in.yaml", OpenFaasFunction.class);

        assertThat(source.template(function))
                .isInstanceOfSatisfying(
                        Template.Found.class, found -> Golden.same(found.template(), "openfaas/" + name + "/out.yaml"));
    }

    @Test
    void theContractIsInTheSpecToo() {
        OpenFaasFunction function = Golden.read("openfaas/full/in.yaml", OpenFaasFunction.class);

        assertThat(source.contract(function)).isInstanceOfSatisfying(FunctionContract.Result.Valid.class, valid -> {
            assertThat(valid.contract().state()).isEqualTo(State.LOCAL);
            assertThat(valid.contract().maxFreeze()).isEqualTo(Duration.ofSeconds(2));
        });
    }

    @Test
    void aFunctionWithoutAnImageIsRefusedWithTheField() {
        OpenFaasFunction function = function("half", "{name: half}");

        assertThat(source.template(function)).isInstanceOfSatisfying(Template.Refused.class, refused -> assertThat(
                        refused.reason().message())
                .contains("half", "spec.image"));
    }

    private static OpenFaasFunction function(String name, String spec) {
        return Serialization.unmarshal(
                """
                apiVersion: openfaas.com/v1
                kind: Function
                metadata: {name: %s}
                spec: %s
                """
                        .formatted(name, spec),
                OpenFaasFunction.class);
    }

    @Test
    void anEmptyFunctionIsNotOneOfOurs() {
        OpenFaasFunction function = function("empty", "null");

        assertThat(source.contract(function)).isInstanceOf(FunctionContract.Result.Invalid.class);
        assertThat(source.template(function)).isInstanceOf(Template.Refused.class);
    }
}
