// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Pods with more than a list of containers, as functions have them. */
class PodSpecE2E {
    /** Two that make files, and between them a sidecar, which the second one needs. */
    private static final String INIT_CONTAINERS =
            """
            initContainers:
              - name: render
                image: IMAGE
                command: [sh, -c, "mkdir /work/conf; echo 'mode = fast' > /work/conf/app.conf; echo run >> /work/runs"]
                volumeMounts: [{name: work, mountPath: /work}]
              - name: store
                image: IMAGE
                restartPolicy: Always
                command: [redis-server, --bind, 0.0.0.0, --protected-mode, "no", --port, "6380", --save, "", --dir, /work]
                lifecycle: {postStart: {exec: {command: [sh, -c, "until redis-cli -p 6380 ping; do :; done"]}}}
                startupProbe: {tcpSocket: {port: 6380}, periodSeconds: 1, failureThreshold: 30}
                livenessProbe: {tcpSocket: {port: 6380}, periodSeconds: 1, failureThreshold: 3}
                volumeMounts: [{name: work, mountPath: /work}]
              - name: ask
                image: IMAGE
                command: [sh, -c, "redis-cli -p 6380 ping > /work/asked"]
                volumeMounts: [{name: work, mountPath: /work}]
            volumes: [{name: work, emptyDir: {}}]
            """;

    /** A function with the cart's template and more. */
    private static void function(String name, String more) {
        PodSpec added = Serialization.unmarshal(more.replace("IMAGE", Deployments.image("cart")), PodSpec.class);
        Deployment cart = Deployments.withTemplateOf("cart", name, "local");
        Lab.hub()
                .resource(new DeploymentBuilder(cart)
                        .editSpec()
                        .editTemplate()
                        .editSpec()
                        .withInitContainers(added.getInitContainers())
                        .addAllToVolumes(added.getVolumes())
                        .editMatchingContainer(c -> c.getName().equals("cart"))
                        .addNewVolumeMount()
                        .withName("work")
                        .withMountPath("/etc/app.conf")
                        .withSubPath("conf/app.conf")
                        .endVolumeMount()
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
    }

    @Test
    void initContainersRunAtAFreshStartOnlyAndSidecarsMove() throws Exception {
        String name = "with-init";
        function(name, INIT_CONTAINERS);
        try {
            Instances.start(name, name, "edge-a");
            long first = new Cart(name).add("apple").sequence();
            assertThat(Instances.inContainer(name, "store", "cat /work/runs /work/asked; redis-cli -p 6380 set k kept"))
                    .isEqualTo("run\nPONG\nOK\n");
            String server = Instances.inContainer(name, "store", "redis-cli -p 6380 info server | grep run_id");

            for (String site : new String[] {"edge-b", "edge-a"}) {
                Instances.move(name, site);

                assertThat(Instances.inContainer(name, "cart", "cat /etc/app.conf"))
                        .as("the file that an init container has made, at %s", site)
                        .isEqualTo("mode = fast\n");
                assertThat(Instances.inContainer(
                                name,
                                "store",
                                "cat /work/runs; redis-cli -p 6380 get k; echo 'mode = slow' > /work/conf/app.conf"))
                        .isEqualTo("run\nkept\n");
                assertThat(Instances.inContainer(name, "store", "redis-cli -p 6380 info server | grep run_id"))
                        .as("the same process")
                        .isEqualTo(server);
                assertThat(Instances.inContainer(name, "cart", "cat /etc/app.conf"))
                        .as("one file, by whichever name")
                        .isEqualTo("mode = slow\n");
                Instances.inContainer(name, "store", "echo 'mode = fast' > /work/conf/app.conf");
                assertThat(new Cart(name).add("pear").sequence()).isEqualTo(++first);
            }
            String podName =
                    Objects.requireNonNull(Instances.get(name).getStatus().podName());
            assertThat(Lab.hub()
                            .pods()
                            .inNamespace(Lab.NAMESPACE)
                            .withName(podName)
                            .require()
                            .getStatus()
                            .getInitContainerStatuses())
                    .as("a sidecar is what it was, and nothing has started it anew")
                    .singleElement()
                    .satisfies(store -> assertThat(store.getName()).isEqualTo("store"))
                    .extracting(ContainerStatus::getRestartCount)
                    .isEqualTo(0);

            Deployments.annotate(name, FunctionContract.RESTARTED_AT, "now");
            Instances.await(
                    name,
                    i -> Instances.running(i, "edge-a")
                            && !podName.equals(i.getStatus().podName()),
                    Instances.START);
            assertThat(new Cart(name).add("plum").sequence()).isEqualTo(1);
            assertThat(Instances.inContainer(name, "cart", "cat /etc/app.conf")).isEqualTo("mode = fast\n");
            assertThat(Instances.inContainer(name, "store", "cat /work/runs /work/asked; redis-cli -p 6380 exists k"))
                    .as("a fresh start runs them again, in a new volume")
                    .isEqualTo("run\nPONG\n0\n");
        } finally {
            Deployments.get(name).delete();
        }
        Instances.instance(name).waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
    }
}
