// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.SlowApi;
import dev.carovana.api.SlowApi.Mode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who starts while the API server is slow, or away, waits for it. */
class SlowApiIT {
    private static final String URL = "quarkus.kubernetes-client.api-server-url";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final KubernetesApi API = new KubernetesApi();
    private static Map<String, String> settings;

    @TempDir
    Path directory;

    @BeforeAll
    static void startApi() {
        settings = API.start();
    }

    @AfterAll
    static void stopApi() {
        API.stop();
    }

    @Test
    void theControllerWaits() throws IOException {
        waitsThenIsReady("controller", "list", Map.of());
    }

    @Test
    void anAgentWaits() throws IOException, InterruptedException {
        int made = new ProcessBuilder(new File("k8s/make-certs").getPath(), directory.toString(), "edge-a")
                .inheritIO()
                .start()
                .waitFor();
        assertThat(made).isZero();
        waitsThenIsReady(
                "agent",
                "list v1/pods",
                Map.of(
                        "carovana.tls.directory",
                        directory.resolve("edge-a").toString(),
                        "carovana.agent.site",
                        "edge-a",
                        "carovana.agent.node",
                        "node-1",
                        "carovana.agent.controller",
                        "localhost:1",
                        "carovana.agent.run-directory",
                        directory.resolve("run").toString(),
                        "carovana.agent.node-command",
                        "env",
                        "carovana.agent.transfer.port",
                        "0"));
    }

    private static void waitsThenIsReady(String role, String what, Map<String, String> own) throws IOException {
        String waits = "waiting for the API server to " + what;
        try (SlowApi slow = new SlowApi(settings.get(URL))) {
            Map<String, String> all = new HashMap<>(settings);
            all.put(URL, slow.url());
            all.put("carovana.role", role);
            all.put("carovana.kubernetes.request-timeout", "1s");
            all.putAll(own);
            try (ControllerProcess process = new ControllerProcess(all)) {
                Path log = process.log();
                process.launch();
                await("it has waited for an answer, see " + log)
                        .atMost(PATIENCE)
                        .until(() -> !process.isReady() && lines(log, waits) > 0);
                slow.become(Mode.REFUSING);
                long before = lines(log, waits);
                await("it has tried to connect again, see " + log)
                        .atMost(PATIENCE)
                        .until(() -> !process.isReady() && lines(log, waits) > before);
                slow.become(Mode.OPEN);
                await("it is ready, see " + log).atMost(PATIENCE).until(process::isReady);
            }
        }
    }

    private static long lines(Path log, String text) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(text))
                .count();
    }
}
