// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import io.fabric8.kubernetes.api.model.apps.Deployment;
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
