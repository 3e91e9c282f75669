// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import io.fabric8.knative.pkg.apis.Condition;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A Knative Service with one label more, on stock Knative Serving. */
class KnativeE2E {
    private static final String NAME = "cart-on-knative";

    @BeforeAll
    static void createService() {
        Lab.hub()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: serving.knative.dev/v1
                        kind: Service
                        metadata: {name: %1$s, namespace: functions, labels: {carovana.dev/state: local}}
                        spec:
                          template:
                            spec:
                              timeoutSeconds: 10
                              containers:
                                - name: cart
                                  image: %2$s
                                  ports: [{containerPort: 8080}]
                                  readinessProbe: {httpGet: {path: /readyz}}
                                  securityContext: {runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                                - name: redis
                                  image: %2$s
                                  command: [redis-server, --bind, 127.0.0.1, --save, "", --dir, /tmp]
                                  securityContext: {runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                        """
                                .formatted(NAME, Deployments.image("cart")),
                        Service.class))
                .create();
        service().waitUntilCondition(has("Ready"), 120, TimeUnit.SECONDS);
    }

    @AfterAll
    static void deleteService() {
        service().delete();
    }

    private static Resource<Service> service() {
        return service(NAME);
    }

    private static Resource<Service> service(String name) {
        return Lab.hub().resources(Service.class).inNamespace(Lab.NAMESPACE).withName(name);
    }

    private static Predicate<Service> has(String condition) {
        return service -> service != null
                && service.getStatus() != null
                && service.getStatus().getConditions().stream()
                        .anyMatch(c -> isTrue(c) && c.getType().equals(condition));
    }

    private static boolean isTrue(Condition condition) {
        return "True".equals(condition.getStatus());
    }

    @Test
    void bothControllersWriteTheirConditions() {
        service().waitUntilCondition(has("carovana.dev/Accepted").and(has("Ready")), 30, TimeUnit.SECONDS);
    }

    @Test
    void anInstanceOfItMovesWhileKnativeScalesItsOwnPodsToZero() throws Exception {
        String name = "user-of-knative";
        Instances.start(name, new FunctionRef("serving.knative.dev/v1", "Service", NAME), "edge-a");
        try {
            Cart cart = new Cart(name);
            Cart.State before = cart.add("apple");
            Instances.move(name, "edge-b");
            Cart.State there = cart.add("pear");

            assertThat(there.process()).isEqualTo(before.process());
            assertThat(there.sequence()).isEqualTo(before.sequence() + 1);
            assertThat(there.connects()).isEqualTo(before.connects());
            Pod pod = Lab.cluster("edge-b")
                    .pods()
                    .inNamespace(Lab.NAMESPACE)
                    .withName(Instances.get(name).getStatus().podName())
                    .require();
            assertThat(pod.getSpec().getContainers())
                    .as("without Knative's queue-proxy")
                    .extracting(Container::getName)
                    .containsExactly("cart", "redis");

            String revision = service().require().getStatus().getLatestReadyRevisionName();
            Lab.hub()
                    .resources(Revision.class)
                    .inNamespace(Lab.NAMESPACE)
                    .withName(revision)
                    .waitUntilCondition(
                            r -> Objects.equals(r.getStatus().getActualReplicas(), 0), 120, TimeUnit.SECONDS);
            assertThat(cart.get().sequence()).isEqualTo(there.sequence());
        } finally {
            Instances.delete(name);
        }
    }

    @Test
    void aCopyOfARemoteStateServiceIsScaledByKnativeWhereItsUsersAre() throws Exception {
        Service words = sample("k8s/samples/wordcount.yaml", "wordcount");
        String user = "X-User: knative-" + System.nanoTime(); // the store outlives this test
        String name = "words-on-knative";
        Lab.hub().resource(words).create();
        try {
            FunctionRef function = new FunctionRef(
                    "serving.knative.dev/v1", "Service", words.getMetadata().getName());
            String first = copy(Instances.start(name, function, "edge-a"));
            call(first, "/words", user, "--data-raw", "one two");
            pods("edge-a", first).waitUntilCondition(Objects::nonNull, 10, TimeUnit.SECONDS);
            pods("edge-a", first).waitUntilCondition(Objects::isNull, 120, TimeUnit.SECONDS);
            assertThat(call(first, "/words", user))
                    .as("started again by the call")
                    .contains("\"words\": 2");

            HttpResponse<String> answer = GatewayUser.call(
                    HttpClient.newHttpClient(),
                    "edge-a",
                    "GET",
                    "/wordcount/words",
                    "",
                    Map.of("X-User", "user-" + name));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

            Instances.wish(name, "edge-b");
            String second = copy(
                    Instances.await(name, i -> "edge-b".equals(i.getStatus().site()), Instances.MOVE));
            assertThat(call(second, "/words", user)).contains("\"words\": 2");
            pods("edge-b", second).waitUntilCondition(Objects::nonNull, 10, TimeUnit.SECONDS);
            service(first).waitUntilCondition(Objects::isNull, 60, TimeUnit.SECONDS);
        } finally {
            Lab.hub().resource(words).delete();
        }
        Instances.instance(name).waitUntilCondition(Objects::isNull, 60, TimeUnit.SECONDS);
    }

    /** A sample's Service, with the image that the lab has for it. */
    private static Service sample(String file, String sample) throws IOException {
        Service service = Serialization.unmarshal(Files.readString(Path.of(file)), Service.class);
        service.getMetadata().setNamespace(Lab.NAMESPACE);
        service.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage(Deployments.image(sample));
        return service;
    }

    private static String copy(FunctionInstance instance) {
        return Objects.requireNonNull(instance.getStatus().copy());
    }

    private static FilterWatchListDeletable<Pod, PodList, PodResource> pods(String site, String copy) {
        return Lab.cluster(site).pods().inNamespace(Lab.NAMESPACE).withLabel("carovana.dev/copy", copy);
    }

    /** By way of Knative's ingress. */
    private static String call(String copy, String path, String... options) {
        List<String> line = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--fail", "--max-time", "20"));
        line.addAll(List.of("--header", "Host: " + copy + "." + Lab.NAMESPACE + ".svc.cluster.local", "--header"));
        line.addAll(List.of(options));
        line.add("http://127.0.0.1:8000" + path);
        return Lab.node("hub", line.toArray(String[]::new));
    }
}
