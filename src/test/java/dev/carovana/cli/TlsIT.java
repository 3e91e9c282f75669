// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose certificate no public authority has signed. */
class TlsIT {
    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory;

    private HttpsServer server;
    private Terminal terminal;
    private volatile String authorization;

    @BeforeEach
    void start() throws Exception {
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost");
        keytool("-exportcert", "-rfc", "-file", directory.resolve("ca.pem").toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("keys"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress("localhost", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/api/v1/sites", exchange -> {
            authorization = exchange.getRequestHeaders().getFirst("Authorization");
            byte[] body = "[{\"name\": \"edge-a\"}]".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        terminal = new Terminal(Map.of(
                "CAROVANA_URL", "https://localhost:" + server.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "server", "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore"));
        command.add(directory.resolve("keys").toString());
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void isTrustedWhenTheCallerSaysSo() throws Exception {
        Files.writeString(directory.resolve("token"), "secret\n");

        assertThat(terminal.run("get sites -o name --token-file " + directory.resolve("token") + " --ca "
                        + directory.resolve("ca.pem")))
                .isZero();

        assertThat(terminal.told()).isEqualTo("site/edge-a\n");
        assertThat(authorization).isEqualTo("Bearer secret");
        terminal.put("CAROVANA_CA", directory.resolve("ca.pem").toString());
        assertThat(terminal.run("get sites")).isZero();
    }

    @Test
    void isNotTrustedOtherwise() {
        assertThat(terminal.run("get sites --token secret")).isEqualTo(3);
        assertThat(terminal.complained()).startsWith("carovana: no answer from https://localhost:");
        assertThat(authorization).isNull();
    }
}
