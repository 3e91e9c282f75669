// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real kube-apiserver with etcd, as the lab builds them (tools/kube-api-test), with Carovana's CRDs. */
public class KubernetesApi implements QuarkusTestResourceLifecycleManager {
    private @Nullable KubeAPIServer server;

    @Override
    public Map<String, String> start() {
        server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withOfflineMode(true)
                .withTestDir(binaries())
                .withUpdateKubeConfig(false)
                .build());
        start(server);
        Config config = Config.fromKubeconfig(server.getKubeConfigYaml());
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            for (File file : new File("k8s/crd").listFiles((folder, name) -> name.endsWith("-v1.yml"))) {
                var crd =
                        client.apiextensions().v1().customResourceDefinitions().load(file);
                crd.create();
                crd.waitUntilCondition(KubernetesApi::isEstablished, 30, TimeUnit.SECONDS);
            }
        }
        return Map.of(
                "quarkus.kubernetes-client.api-server-url", config.getMasterUrl(),
                "quarkus.kubernetes-client.ca-cert-file", config.getCaCertFile(),
                "quarkus.kubernetes-client.client-cert-file", config.getClientCertFile(),
                "quarkus.kubernetes-client.client-key-file", config.getClientKeyFile(),
                "quarkus.kubernetes-client.client-key-algo", "RSA");
    }

    /** One at a time on this machine: the first makes the certificates, and each looks for free ports. */
    private static void start(KubeAPIServer server) {
        synchronized (KubernetesApi.class) {
            try (FileChannel file = FileChannel.open(Path.of(binaries(), "lock"), CREATE, WRITE);
                    FileLock held = file.lock()) {
                server.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void stop() {
        if (server != null) {
            server.stop();
        }
    }

    /** @param settings as {@link #start()} has told them */
    public static KubernetesClient client(Map<String, String> settings) {
        return new KubernetesClientBuilder().withConfig(config(settings)).build();
    }

    public static Config config(Map<String, String> settings) {
        return new ConfigBuilder()
                .withMasterUrl(settings.get("quarkus.kubernetes-client.api-server-url"))
                .withCaCertFile(settings.get("quarkus.kubernetes-client.ca-cert-file"))
                .withClientCertFile(settings.get("quarkus.kubernetes-client.client-cert-file"))
                .withClientKeyFile(settings.get("quarkus.kubernetes-client.client-key-file"))
                .withClientKeyAlgo("RSA")
                .build();
    }

    /** Whether objects of the kind can be made. */
    public static boolean isEstablished(@Nullable CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }

    private static String binaries() {
        String home = Optional.ofNullable(System.getenv("CAROVANA_HOME"))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache/carovana")
                        .toString());
        return Optional.ofNullable(System.getenv("KUBE_API_TEST_DIR"))
                .orElse(Path.of(home, "lab/build/kube-api-test").toString());
    }
}
