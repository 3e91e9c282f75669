// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Pods with more than a list of containers, as functions have them. */
class PodSpecE2E {
    private static final String TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    private static final String USER = "system:serviceaccount:functions:default";

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
    private static void function(String name, Consumer<PodSpecBuilder> more) {
        Deployment function = Deployments.withTemplateOf("cart", name, "local");
        PodSpecBuilder spec =
                new PodSpecBuilder(function.getSpec().getTemplate().getSpec());
        more.accept(spec);
        function.getSpec().getTemplate().setSpec(spec.build());
        Lab.hub().resource(function).create();
    }

    private static void withInitContainers(PodSpecBuilder spec) {
        PodSpec more =
                Serialization.unmarshal(INIT_CONTAINERS.replace("IMAGE", Deployments.image("cart")), PodSpec.class);
        spec.withInitContainers(more.getInitContainers())
                .addAllToVolumes(more.getVolumes())
                .editFirstContainer()
                .addNewVolumeMount()
                .withName("work")
                .withMountPath("/etc/app.conf")
                .withSubPath("conf/app.conf")
                .endVolumeMount()
                .endContainer();
    }

    @Test
    void initContainersRunAtAFreshStartOnlyAndSidecarsMove() throws Exception {
        String name = "with-init";
        function(name, PodSpecE2E::withInitContainers);
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

    private static void withMuchElse(PodSpecBuilder spec) {
        spec.withAutomountServiceAccountToken(true)
                .addNewHostAlias()
                .withIp("192.0.2.7")
                .withHostnames("printer")
                .endHostAlias()
                .withNewDnsConfig()
                .addNewOption("ndots", "3")
                .endDnsConfig()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("DoNotSchedule")
                .withNewLabelSelector()
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .editSecurityContext()
                .withFsGroup(2000L)
                .endSecurityContext()
                .editFirstContainer()
                .editSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                .endContainer();
    }

    @Test
    void whatElseAPodSaysIsSoAtTheOtherSiteToo() throws Exception {
        String name = "as-written";
        function(name, PodSpecE2E::withMuchElse);
        try {
            Instances.start(name, name, "edge-a");
            String look = "grep -o printer /etc/hosts; grep -o ndots:3 /etc/resolv.conf; stat -c %g /scratch;"
                    + " touch /x 2>&1 | grep -o Read-only";
            assertThat(Instances.inContainer(name, "cart", look)).isEqualTo("printer\nndots:3\n2000\nRead-only\n");
            assertThat(userOf(name, "edge-a")).isEqualTo(USER);
            Instances.inContainer(name, "cart", "setsid sleep 600 <" + TOKEN + " >/dev/null 2>&1 &");

            Instances.move(name, "edge-b");

            assertThat(Instances.inContainer(name, "cart", look)).isEqualTo("printer\nndots:3\n2000\nRead-only\n");
            assertThat(userOf(name, "edge-b"))
                    .as("the token is the new pod's own, and worth as much")
                    .isEqualTo(USER);
            assertThat(Instances.inContainer(
                            name,
                            "cart",
                            "for p in /proc/[0-9]*; do ! grep -q sleep $p/comm || cmp $p/fd/0 " + TOKEN + "; done"))
                    .as("who has the old one open reads the new one")
                    .isEmpty();

            String pod = Objects.requireNonNull(Instances.get(name).getStatus().podName());
            debug(pod);
            assertThat(Instances.mayMove(name, "edge-a"))
                    .as("an ephemeral container runs")
                    .isFalse();
            inDebugger(pod, "until [ -p /tmp/end ]; do :; done; echo > /tmp/end");
            Awaiting.until("it has ended", () -> Instances.mayMove(name, "edge-a"));
            Instances.move(name, "edge-a");
        } finally {
            Deployments.get(name).delete();
        }
        Instances.instance(name).waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
    }

    /** Who the token in the cart's container is, to the cluster of a site. */
    private static String userOf(String name, String site) {
        TokenReview review = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(Instances.inContainer(name, "cart", "cat " + TOKEN))
                .endSpec()
                .build();
        return Lab.cluster(site).resource(review).create().getStatus().getUser().getUsername();
    }

    /** Adds an ephemeral container, which runs until it is told to end, and waits until it does. */
    private static void debug(String pod) {
        Lab.run(List.of(
                "lab/kubectl",
                "edge-b",
                "-n",
                Lab.NAMESPACE,
                "debug",
                pod,
                "--image=" + Deployments.image("cart"),
                "--container=debugger",
                "--",
                "sh",
                "-c",
                "mkfifo /tmp/end; cat /tmp/end"));
        Lab.cluster("edge-b")
                .pods()
                .inNamespace(Lab.NAMESPACE)
                .withName(pod)
                .waitUntilCondition(
                        p -> p.getStatus().getEphemeralContainerStatuses().stream()
                                .anyMatch(c -> c.getState().getRunning() != null),
                        60,
                        TimeUnit.SECONDS);
    }

    private static void inDebugger(String pod, String script) {
        Lab.run(List.of(
                "lab/kubectl", "edge-b", "-n", Lab.NAMESPACE, "exec", pod, "-c", "debugger", "--", "sh", "-c", script));
    }
}
