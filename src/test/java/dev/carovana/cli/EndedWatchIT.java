// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that ends a watch, as Carovana's does after some minutes, or breaks off. */
class EndedWatchIT {
    private static final String CHANGE =
            "id: 1\ndata:{\"type\": \"MODIFIED\", \"object\": {\"name\": \"edge-a\", \"ready\": true}}\n\n";

    private HttpServer server;

    private Terminal terminal(int missing) throws IOException {
        server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
        server.createContext("/api/v1/sites", exchange -> {
            boolean watch = exchange.getRequestURI().toString().endsWith("?watch=true");
            byte[] body = (watch ? CHANGE : "[]").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length + (watch ? missing : 0));
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return new Terminal(
                Map.of("CAROVANA_URL", "http://localhost:" + server.getAddress().getPort(), "CAROVANA_TOKEN", "t"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theEndIsTold() throws IOException {
        Terminal terminal = terminal(0);

        assertThat(terminal.run("get sites -w -o name")).isEqualTo(3);

        assertThat(terminal.told()).isEqualTo("site/edge-a\n");
        assertThat(terminal.complained())
                .isEqualTo("carovana: the server has ended the watch; start it again%n".formatted());
    }

    @Test
    void aConnectionThatBreaksIsTold() throws IOException {
        Terminal terminal = terminal(10);

        assertThat(terminal.run("get sites -w -o name")).isEqualTo(3);

        assertThat(terminal.complained()).startsWith("carovana: no answer from http://localhost:");
    }
}
