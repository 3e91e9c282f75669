// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.function.Function;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.model.CallContract;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.FunctionContract.Result.Valid;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionRoutesTest {
    private static final FunctionRef DEPLOYMENT = new FunctionRef("apps/v1", "Deployment", "cart");
    private static final FunctionRef KNATIVE = new FunctionRef("serving.knative.dev/v1", "Service", "cart");

    private static PodTemplateSpec template(String portName) {
        return new PodTemplateSpecBuilder()
                .withNewSpec()
                .addNewContainer()
                .withName("helper")
                .endContainer()
                .addNewContainer()
                .withName("main")
                .addNewPort()
                .withName(portName)
                .withContainerPort(9090)
                .endPort()
                .addNewPort()
                .withName("grpc-admin")
                .withContainerPort(9091)
                .endPort()
                .endContainer()
                .endSpec()
                .build();
    }

    private static FunctionContract contract(String state, Map<String, String> annotations) {
        return ((Valid) FunctionContract.parse(Map.of(FunctionContract.STATE, state), annotations)).contract();
    }

    private static FunctionRoute route(
            PodTemplateSpec template, String state, Map<String, String> annotations, Integer copyPort) {
        Function function = new Function(template, "hash", contract(state, annotations), new OwnerReference());
        return FunctionRoutes.of("functions", "cart", function, Optional.ofNullable(copyPort));
    }

    @ParameterizedTest
    @CsvSource({"http, false", ", false", "h2c, true", "grpc, true", "grpc-web, true", "http2, false"})
    void theFirstPortOfTheTemplate(String name, boolean http2) {
        FunctionRoute route = route(template(name), "local", Map.of(), null);

        assertThat(route.getPort()).isEqualTo(9090);
        assertThat(route.getHttp2()).isEqualTo(http2);
    }

    @Test
    void thePortThatTheDeveloperNames() {
        FunctionRoute route = route(template("http"), "local", Map.of(CallContract.PORT, "9091"), null);

        assertThat(route.getPort()).isEqualTo(9091);
        assertThat(route.getHttp2()).isTrue();
    }

    @Test
    void aTemplateWithoutPorts() {
        PodTemplateSpec template = new PodTemplateSpecBuilder()
                .withNewSpec()
                .addNewContainer()
                .endContainer()
                .endSpec()
                .build();

        assertThat(route(template, "local", Map.of(), null).getPort()).isEqualTo(8080);
    }

    @Test
    void copiesMayHaveAPortOfTheirOwn() {
        FunctionRoute remote = route(template("http"), "remote", Map.of(), 80);
        assertThat(remote.getPort()).isEqualTo(80);
        assertThat(remote.getCalledByName()).as("what stands before them").isTrue();
        FunctionRoute local = route(template("http"), "local", Map.of(), 80);
        assertThat(local.getPort()).isEqualTo(9090);
        assertThat(local.getCalledByName()).isFalse();
    }

    @Test
    void whatTheDeveloperSaysOfCalls() {
        FunctionRoute route = route(
                template("http"),
                "remote",
                Map.of(
                        FunctionContract.USER_FROM, "jwt:sub",
                        CallContract.HOSTS, "cart.example.org",
                        CallContract.STREAMS, "wait",
                        CallContract.RETRY, "never",
                        CallContract.TIMEOUT, "30s"),
                null);

        assertThat(route.getRemote()).isTrue();
        assertThat(route.getUserPart()).isEqualTo(FunctionRoute.UserPart.JWT);
        assertThat(route.getUserName()).isEqualTo("sub");
        assertThat(route.getHostsList()).containsExactly("cart.example.org");
        assertThat(route.getStreamsWait()).isTrue();
        assertThat(route.getRetry()).isEqualTo(FunctionRoute.Retry.NEVER);
        assertThat(route.getTimeoutMillis()).isEqualTo(30_000);
    }

    @Test
    void ofTwoWithOneNameTheOlderOneHasIt() {
        FunctionTable table = new FunctionTable();
        table.put("functions", entry(KNATIVE, "2026-11-24T10:00:01Z"));
        assertThat(table.has("functions", KNATIVE)).isTrue();
        assertThat(table.younger("functions", "cart")).isEmpty();

        table.put("functions", entry(DEPLOYMENT, "2026-11-24T10:00:00Z"));
        assertThat(table.find("functions", "cart").orElseThrow().reference()).isEqualTo(DEPLOYMENT);
        assertThat(table.has("functions", KNATIVE)).isFalse();
        assertThat(table.younger("functions", "cart"))
                .extracting(FunctionTable.Entry::reference)
                .containsExactly(KNATIVE);
        assertThat(table.find("others", "cart")).isEmpty();

        table.remove("functions", DEPLOYMENT);
        assertThat(table.has("functions", KNATIVE)).isTrue();
        table.remove("functions", KNATIVE);
        assertThat(table.find("functions", "cart")).isEmpty();
    }

    private static FunctionTable.Entry entry(FunctionRef reference, String created) {
        return new FunctionTable.Entry(
                reference, "uid", created, contract("local", Map.of()), FunctionRoute.getDefaultInstance());
    }
}
