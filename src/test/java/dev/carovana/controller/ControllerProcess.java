// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The program as it is packaged, in a process of its own, so that it can be killed and started again: a controller, unless
 * its settings say otherwise.
 */
public final class ControllerProcess implements AutoCloseable {
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final Path log = Path.of("target/controller-it-" + STARTED.incrementAndGet() + ".log");
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> settings;
    private final List<String> options;
    private final int httpPort;
    private final int linkPort;
    private Process process;

    /**
     * @param settings where the Kubernetes API is, certificates, timeouts
     */
    ControllerProcess(Map<String, String> settings) throws IOException {
        this(settings, List.of("-XX:TieredStopAtLevel=1", "-Xmx512m"));
    }

    /** @param options of the JVM */
    public ControllerProcess(Map<String, String> settings, List<String> options) throws IOException {
        if (!Files.exists(JAR)) {
            throw new IOException(JAR + " is missing: these tests run after mvn package, as mvn verify does");
        }
        Files.deleteIfExists(log);
        this.settings = settings;
        this.options = options;
        httpPort = freePort();
        linkPort = freePort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    Path log() {
        return log;
    }

    public int linkPort() {
        return linkPort;
    }

    public void start() {
        start(Duration.ofMinutes(1));
    }

    /** @param limit thousands of instances take longer to be read */
    public void start(Duration limit) {
        launch();
        await("it is ready, see " + log).atMost(limit).until(this::isReady);
    }

    /** Does not wait until it is ready. */
    void launch() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.addAll(options);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-Dquarkus.http.port=" + httpPort);
        command.add("-Dcarovana.link.port=" + linkPort);
        command.add("-jar");
        command.add(JAR.toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CAROVANA_") || name.startsWith("KUBE"));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isReady() throws InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException("it ended with " + process.exitValue() + ", see " + log);
        }
        try {
            return http.send(HttpRequest.newBuilder(uri("/q/health/ready")).build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + httpPort + path);
    }

    public String metrics() throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri("/q/metrics")).build(), BodyHandlers.ofString())
                .body();
    }

    public long pid() {
        return process.pid();
    }

    /** As a machine that loses power: nothing is finished or written any more. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
        http.close();
    }
}
