// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Functions on a real cluster, whose own controllers write on the same objects. */
class FunctionE2E {
    @Test
    void aFunctionTellsItsDeveloperWhetherItIsRight() {
        Deployments.get("cart").waitUntilCondition(FunctionE2E::isAccepted, 30, TimeUnit.SECONDS);
    }

    @Test
    void instancesGoWithTheirFunctionAndTheirPodsWithThem() {
        Deployments.function("short-lived", "cart", "local");
        try {
            FunctionInstance instance = Instances.start("short-lived-user", "short-lived", "edge-a");
            assertThat(instance.getMetadata().getOwnerReferences())
                    .extracting(owner -> owner.getKind() + " " + owner.getName())
                    .containsExactly("Deployment short-lived");
        } finally {
            Deployments.get("short-lived").delete();
        }

        Instances.instance("short-lived-user").waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
        noPodsAt("edge-a", "carovana.dev/instance", "short-lived-user");
    }

    /** 256 MiB in the freeze would be half a second more than is expected without them. */
    @Test
    void filesThatLieStillAreNoPartOfTheFreezeThatAFunctionAllows() {
        Deployments.function("hasty", "cart", "local");
        try {
            Deployments.annotate("hasty", FunctionContract.MAX_FREEZE, "500ms");
            Instances.start("hasty-user", "hasty", "edge-a");
            Instances.inCart("hasty-user", "dd", "if=/dev/zero", "of=/still", "bs=1M", "count=256");
            Awaiting.until("the file lies still", () -> Instances.mayMove("hasty-user", "edge-b"));
            Instances.move("hasty-user", "edge-b");
        } finally {
            Deployments.get("hasty").delete();
        }
        Instances.instance("hasty-user").waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
    }

    @Test
    void aCopyOfARemoteStateFunctionTakesCallsAtTheUsersSite() {
        Deployments.function("shared", "cart", "remote");
        String first;
        String second;
        try {
            first = Objects.requireNonNull(Instances.start("shared-user", "shared", "edge-a")
                    .getStatus()
                    .copy());
            new Copy("edge-a", first).get("/healthz");

            Instances.wish("shared-user", "edge-b");
            FunctionInstance moved = Instances.await(
                    "shared-user", i -> "edge-b".equals(i.getStatus().site()), Instances.MOVE);
            second = Objects.requireNonNull(moved.getStatus().copy());
            assertThat(second).isNotEqualTo(first);
            new Copy("edge-b", second).get("/healthz");
            noPodsAt("edge-a", "carovana.dev/copy", first);
        } finally {
            Deployments.get("shared").delete();
        }
        noPodsAt("edge-b", "carovana.dev/copy", second);
    }

    @Test
    void anOpenFaasFunctionRunsWithoutItsOperator() throws Exception {
        GenericKubernetesResource function = Serialization.unmarshal(
                """
                apiVersion: openfaas.com/v1
                kind: Function
                metadata: {name: cart-on-openfaas, namespace: functions}
                spec:
                  name: cart
                  image: %s
                  labels: {carovana.dev/state: local}
                  annotations: {com.openfaas.health.http.path: /healthz}
                """
                        .formatted(Deployments.image("cart")),
                GenericKubernetesResource.class);
        Lab.hub().resource(function).create();
        try {
            Lab.hub()
                    .resource(function)
                    .waitUntilCondition(
                            f -> f != null
                                    && String.valueOf(f.<Object>get("status", "conditions"))
                                            .contains("carovana.dev/Accepted"),
                            30,
                            TimeUnit.SECONDS);
            Instances.start(
                    "user-of-openfaas", new FunctionRef("openfaas.com/v1", "Function", "cart-on-openfaas"), "edge-a");
            assertThat(Calls.get("user-of-openfaas", "/healthz", JsonNode.class)
                            .get("status")
                            .asText())
                    .isEqualTo("ok");
        } finally {
            Lab.hub().resource(function).delete();
        }
        Instances.instance("user-of-openfaas").waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
    }

    private static void noPodsAt(String site, String label, String value) {
        Lab.cluster(site)
                .pods()
                .inNamespace(Lab.NAMESPACE)
                .withLabel(label, value)
                .waitUntilCondition(pod -> pod == null, 120, TimeUnit.SECONDS);
    }

    private static boolean isAccepted(Deployment deployment) {
        return deployment != null
                && deployment.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("carovana.dev/Accepted")
                                && c.getStatus().equals("True"));
    }
}
