// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.SlowApi;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A real kube-apiserver, the packaged controller, and three fake sites; {@link ControllerBeds} gives them to tests. */
final class ControllerBed implements AutoCloseable {
    static final String NAMESPACE = "functions";
    private static final String API_URL = "quarkus.kubernetes-client.api-server-url";
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final KubernetesApi api = new KubernetesApi();
    private KubernetesClient client;
    private SlowApi controllersApi;
    private ControllerProcess controller;
    private HubSites hub;
    private FakeSites sites;
    private FakeSink sink;
    private FakeGateways gateways;

    private ControllerBed() {}

    static ControllerBed open() {
        ControllerBed bed = new ControllerBed();
        try {
            bed.start();
            return bed;
        } catch (IOException | InterruptedException | RuntimeException e) {
            bed.close();
            throw new IllegalStateException(e);
        }
    }

    private void start() throws IOException, InterruptedException {
        Map<String, String> settings = new HashMap<>(api.start());
        client = KubernetesApi.client(settings);
        controllersApi = new SlowApi(settings.get(API_URL));
        controllersApi.become(SlowApi.Mode.OPEN);
        settings.put(API_URL, controllersApi.url());
        prepareHub();
        Path certificates = Files.createTempDirectory("carovana-link");
        certificate(certificates, "carovana-controller", "DNS:localhost");
        for (String site : HubSites.NAMES) {
            certificate(certificates, site);
            certificate(certificates, "gateway." + site);
        }
        settings.put(
                "carovana.tls.directory",
                certificates.resolve("carovana-controller").toString());
        settings.put("carovana.timeouts.agents", "5s");
        settings.put("carovana.timeouts.prepare", "20s");
        settings.put("carovana.timeouts.pre-copy", "8s");
        settings.put("carovana.timeouts.drain", "12s");
        settings.put("carovana.timeouts.handover", "8s");
        settings.put("carovana.timeouts.restore", "12s");
        settings.put("carovana.copies.grace", "2s");
        settings.put("carovana.mobility.hysteresis", "5s");
        sink = new FakeSink();
        settings.put("carovana.sinks.urls", sink.url());
        controller = new ControllerProcess(settings);
        controller.start();
        gateways = new FakeGateways(certificates, controller.linkPort());
        sites = new FakeSites(client, NAMESPACE, certificates, controller.linkPort());
        reset();
    }

    private static void certificate(Path directory, String... name) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(new File("k8s/make-certs").getPath(), directory.toString()));
        command.addAll(List.of(name));
        int result = new ProcessBuilder(command).inheritIO().start().waitFor();
        assertThat(result).isZero();
    }

    private void prepareHub() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        hub = new HubSites(client, NAMESPACE);
        client.resource(read("k8s/runtimeclass/runtimeclass.yaml")).create();
        for (String name : HubSites.NAMES) {
            client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .addToLabels("liqo.io/remote-cluster-id", name)
                            .endMetadata()
                            .withNewStatus()
                            .addNewCondition()
                            .withType("Ready")
                            .withStatus("True")
                            .endCondition()
                            .endStatus()
                            .build())
                    .create();
            site(name, null, null);
        }
        function("cart", Map.of());
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All repaired and connected, limits lifted. */
    void reset() {
        giveUpWishes();
        gateways.close();
        hub.allow(null);
        sites.kubelet().repair();
        sites.all().forEach(FakeAgent::reset);
        for (String name : HubSites.NAMES) {
            site(name, null, null);
            sites.agent(name).link().claim(name);
            sites.agent(name).link().speak(1);
        }
        for (String name : HubSites.NAMES) {
            await("site " + name + " is ready").atMost(PATIENCE).until(() -> readiness(name)
                    .equals("True"));
        }
    }

    /** What was rolled back would be tried again in the middle of another test, and stop at its gates. */
    private void giveUpWishes() {
        client.resources(FunctionInstance.class).inNamespace(NAMESPACE).list().getItems().stream()
                .filter(i -> i.getStatus() != null && i.getStatus().site() != null)
                .filter(i -> !i.getSpec().site().equals(i.getStatus().site()))
                .forEach(i -> wish(i.getMetadata().getName(), i.getStatus().site()));
    }

    /** Without instances, of whatever test. */
    void empty() {
        client.resources(FunctionInstance.class).inNamespace(NAMESPACE).delete();
        // without instances nobody wishes for migrations any more
        client.resources(Migration.class).inNamespace(NAMESPACE).delete();
        await("migrations are gone").atMost(Duration.ofSeconds(60)).until(() -> client.resources(Migration.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .isEmpty());
        client.pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
    }

    /** As new for the next class, whose tests may use the same names and expect other kinds not to be there. */
    void clear() {
        reset();
        empty();
        client.apps().deployments().inNamespace(NAMESPACE).delete();
        client.services().inNamespace(NAMESPACE).delete();
        client.v1().events().inNamespace(NAMESPACE).delete();
        ForeignKinds.remove(client);
        function("cart", Map.of());
    }

    HubSites hub() {
        return hub;
    }

    /** Until so many of a site's agents are connected. */
    void awaitAgents(String site, int number) {
        await("agents of " + site).atMost(PATIENCE).until(() -> {
            SiteStatus status = hub.get(site).getStatus();
            return status != null && status.agents() != null && status.agents().size() == number;
        });
    }

    String readiness(String site) {
        return hub.condition(site, "Ready");
    }

    void site(String name, Boolean cordoned, Integer maxInstances) {
        hub.put(name, cordoned, maxInstances, null, null);
    }

    Deployment function(String name, Map<String, String> annotations) {
        return function(name, "local", annotations);
    }

    Deployment function(String name, String state, Map<String, String> annotations) {
        return client.resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .addToLabels(Carovana.STATE_LABEL, state)
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(0)
                        .withNewSelector()
                        .addToMatchLabels("app", name)
                        .endSelector()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", name)
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("main")
                        .withImage("registry.example/main:1")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .serverSideApply();
    }

    KubernetesClient client() {
        return client;
    }

    /** As the controller reaches it; the test itself goes another way. */
    SlowApi api() {
        return controllersApi;
    }

    ControllerProcess controller() {
        return controller;
    }

    FakeSites sites() {
        return sites;
    }

    /** None is there until a test wants one. */
    FakeGateways gateways() {
        return gateways;
    }

    FakeSink sink() {
        return sink;
    }

    FunctionInstance create(String name, String function, String site) {
        return create(name, new FunctionRef("apps/v1", "Deployment", function), site);
    }

    FunctionInstance create(String name, FunctionRef function, String site) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(NAMESPACE).build());
        instance.setSpec(new FunctionInstanceSpec(function, "user-of-" + name, site));
        return client.resource(instance).create();
    }

    /** An instance that runs at edge-a. */
    FunctionInstance running(String name) {
        create(name, "cart", "edge-a");
        return awaitInstance(name, i -> isRunningAt(i, "edge-a"));
    }

    static boolean isRunningAt(FunctionInstance instance, String site) {
        return instance.getStatus() != null
                && instance.getStatus().phase() == Phase.Running
                && instance.getStatus().migration() == null
                && site.equals(instance.getStatus().site());
    }

    void wish(String instance, String site) {
        client.resources(FunctionInstance.class)
                .inNamespace(NAMESPACE)
                .withName(instance)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"site\":\"" + site + "\"}}");
    }

    FunctionInstance instance(String name) {
        return client.resources(FunctionInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    FunctionInstance awaitInstance(String name, Predicate<FunctionInstance> is) {
        return await("instance " + name)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> instance(name), i -> i != null && is.test(i));
    }

    Migration migration(String name) {
        return client.resources(Migration.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    /** Lets the API server refuse to write that migrations are in a phase. */
    RefusedPhase refuse(String migration, MigrationPhase phase) {
        return new RefusedPhase(
                client, client.resources(Migration.class).inNamespace(NAMESPACE).withName(migration), phase);
    }

    MigrationStatus awaitMigration(String name, Predicate<MigrationStatus> is) {
        return await("migration " + name)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> migration(name), m -> m != null && m.getStatus() != null && is.test(m.getStatus()))
                .getStatus();
    }

    /** Waits for the end of all cleaning up. */
    MigrationStatus awaitSettled(String name) {
        return awaitMigration(
                name,
                s -> s.conditions() != null
                        && s.conditions().stream()
                                .anyMatch(c -> c.getType().equals("Settled")
                                        && c.getStatus().equals("True")));
    }

    Pod pod(String name) {
        return client.pods().inNamespace(NAMESPACE).withName(name).get();
    }

    List<String> eventsAbout(String object) {
        return client.v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(e -> Objects.equals(e.getInvolvedObject().getName(), object))
                .map(e -> e.getReason() + ": " + e.getMessage())
                .toList();
    }

    @Override
    public void close() {
        Stream.of(gateways, sites, controller, controllersApi, sink, client)
                .filter(Objects::nonNull)
                .forEach(ControllerBed::close);
        api.stop();
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
