// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Another system that wants to know what becomes of migrations. */
final class FakeSink implements AutoCloseable {
    private final HttpServer server;
    private final List<String> taken = new CopyOnWriteArrayList<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private volatile boolean down;

    FakeSink() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean right = "application/cloudevents+json"
                .equals(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (down || !right) {
            refused.add(JsonPath.from(body).getString("data.migration"));
        } else {
            taken.add(body);
        }
        exchange.sendResponseHeaders(down ? 503 : right ? 202 : 415, -1);
        exchange.close();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/events";
    }

    void setDown(boolean down) {
        this.down = down;
    }

    boolean hasRefused(String migration) {
        return refused.contains(migration);
    }

    /** What was told about a migration, in the order in which it came. */
    List<String> about(String migration) {
        return taken.stream()
                .filter(body -> migration.equals(JsonPath.from(body).getString("data.migration")))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
