// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.KubernetesApi;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged command line in a process of its own. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
@Timeout(60)
class ProgramIT {
    @Inject
    KubernetesClient client;

    @TestHTTPResource("/")
    URI server;

    private Hub hub;
    private Terminal terminal;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        terminal = new Terminal(Map.of(
                "CAROVANA_URL", server.toString(),
                "CAROVANA_TOKEN", hub.token("admin"),
                "CAROVANA_NAMESPACE", Hub.NAMESPACE));
    }

    @Test
    void thePackagedProgram() throws Exception {
        assertThat(program("--version")).startsWith("carovana 0.").endsWith("\n0");
        assertThat(program("get", "sites", "-o", "yaml"))
                .contains("name: \"edge-b\"")
                .endsWith("\n0");
        assertThat(program("get", "sites", "--server", "http://localhost:1")).endsWith("\n3");
        assertThat(program("get")).endsWith("\n2");
    }

    @Test
    void theCompletionIsAScriptOfBash() throws Exception {
        Process bash = new ProcessBuilder(
                        "bash", "-c", "source <(bin/carovana completion bash) && complete -p carovana")
                .redirectErrorStream(true)
                .start();

        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("_complete_carovana carovana");
        assertThat(bash.waitFor()).isZero();
    }

    /** Output of bin/carovana, and its exit code in the last line. */
    private String program(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bin/carovana"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(terminal.environment());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output + process.waitFor();
    }
}
