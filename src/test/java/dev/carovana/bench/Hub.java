// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.ControllerProcess;
import dev.carovana.controller.FakeSites;
import dev.carovana.controller.function.Function;
import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A real kube-apiserver, the packaged controller with the options that it is deployed with, and three fake sites. */
final class Hub implements AutoCloseable {
    static final String NAMESPACE = dev.carovana.rest.Hub.NAMESPACE;
    static final List<String> SITES = List.of("edge-a", "edge-b", "edge-c");

    private final KubernetesApi api = new KubernetesApi();
    private final Map<String, String> settings = new HashMap<>(api.start());
    private final KubernetesClient client = KubernetesApi.client(settings);
    private final Path certificates = Files.createTempDirectory("carovana-bench");
    private ControllerProcess controller;
    private FakeSites sites;

    Hub() throws IOException {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client.resource(Files.readString(Path.of("k8s/runtimeclass/runtimeclass.yaml")))
                .create();
        new dev.carovana.rest.Hub(client).accounts();
    }

    KubernetesClient client() {
        return client;
    }

    ControllerProcess controller() {
        return controller;
    }

    String token() {
        return new dev.carovana.rest.Hub(client).token("admin");
    }

    static String zone(int site) {
        return "zone-of-" + SITES.get(site);
    }

    List<Site> sites() {
        List<Site> made = new ArrayList<>();
        for (int number = 0; number < SITES.size(); number++) {
            String name = SITES.get(number);
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
            Site site = new Site();
            site.setMetadata(new ObjectMetaBuilder().withName(name).build());
            site.setSpec(
                    new SiteSpec(new SiteSpec.Liqo(name), null, List.of(zone(number)), null, null, null, null, null));
            made.add(client.resource(site).create());
        }
        return made;
    }

    Function function(String name) {
        Deployment deployment = client.resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .addToLabels(Carovana.STATE_LABEL, "local")
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
                        .withName("cart")
                        .withImage("registry.example/cart:1")
                        .endContainer()
                        .addNewContainer()
                        .withName("redis")
                        .withImage("registry.example/redis:1")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        FunctionContract contract = ((FunctionContract.Result.Valid)
                        FunctionContract.parse(deployment.getMetadata().getLabels(), Map.of()))
                .contract();
        return new Function(
                deployment.getSpec().getTemplate(),
                "template-of-the-benchmark",
                contract,
                new OwnerReferenceBuilder()
                        .withApiVersion("apps/v1")
                        .withKind("Deployment")
                        .withName(name)
                        .withUid(deployment.getMetadata().getUid())
                        .build());
    }

    void startController() throws IOException, InterruptedException {
        for (String name : List.of("carovana-controller", "edge-a", "edge-b", "edge-c")) {
            int result = new ProcessBuilder("k8s/make-certs", certificates.toString(), name)
                    .inheritIO()
                    .start()
                    .waitFor();
            if (result != 0) {
                throw new IOException("k8s/make-certs failed");
            }
        }
        settings.put(
                "carovana.tls.directory",
                certificates.resolve("carovana-controller").toString());
        settings.keySet().removeIf(key -> key.startsWith("quarkus.kubernetes-client.client-"));
        settings.put("quarkus.kubernetes-client.token", ControllerAccount.token(client));
        controller = new ControllerProcess(settings, options());
        controller.start(Duration.ofMinutes(5));
        sites = new FakeSites(client, NAMESPACE, certificates, controller.linkPort());
        sites.connect();
    }

    /** Those of the JVM in the manifest that users apply; else the image's, with 60 % of the manifest's limit. */
    private List<String> options() throws IOException {
        try (var manifest = Files.newInputStream(Path.of("k8s/hub/controller.yaml"))) {
            String options = client.load(manifest).items().stream()
                    .filter(Deployment.class::isInstance)
                    .map(Deployment.class::cast)
                    .flatMap(d -> d.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream())
                    .filter(variable -> variable.getName().equals("JAVA_OPTS"))
                    .map(variable -> Objects.requireNonNull(variable.getValue()))
                    .findFirst()
                    .orElse("-XX:+UseSerialGC -Xmx460m");
            String heap = System.getProperty("carovana.bench.heap");
            return List.of((heap == null ? options : options.replaceAll("-Xmx\\S+", "-Xmx" + heap)).split(" +"));
        }
    }

    @Override
    public void close() {
        if (sites != null) {
            sites.close();
        }
        if (controller != null) {
            controller.close();
        }
        client.close();
        api.stop();
    }
}
