// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.link.v1.FromAgent;
import dev.carovana.link.v1.Hello;
import dev.carovana.link.v1.LinkGrpc;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The controller's end of the link, over gRPC. */
class HelloIT {
    private static final int RECORDS = 100_000;

    @TempDir
    Path certificates;

    @Test
    void anAgentMayHaveAnyNumberOfRecords() throws Exception {
        for (List<String> name : List.of(List.of("carovana-controller", "DNS:localhost"), List.of("edge-a"))) {
            ProcessBuilder make =
                    new ProcessBuilder(new File("k8s/make-certs").getPath(), certificates.toString()).inheritIO();
            make.command().addAll(name);
            assertThat(make.start().waitFor()).isZero();
        }
        Agents agents = new Agents();
        Settings settings = new Settings(freePort(), certificates.resolve("carovana-controller"));
        LinkServer server = new LinkServer(settings, agents, new PodAddresses(), new Gateways());
        server.start(null);
        try (ControllerStream<FromAgent, ToAgent> stream = new ControllerStream<>(
                "localhost:" + settings.port(), certificates.resolve("edge-a").toFile(), new Talkative())) {
            stream.start(Duration.ofHours(1), () -> {});

            await().atMost(Duration.ofSeconds(30)).until(() -> agents.spokenOf().size() == RECORDS);
        } finally {
            server.stop(null);
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static final class Talkative implements ControllerStream.Owner<FromAgent, ToAgent> {
        @Override
        public StreamObserver<FromAgent> call(Channel channel, StreamObserver<ToAgent> in) {
            return LinkGrpc.newStub(channel).connect(in);
        }

        @Override
        public FromAgent hello() {
            Hello.Builder hello =
                    Hello.newBuilder().setProtocol(1).setSite("edge-a").setNode("node");
            IntStream.range(0, RECORDS)
                    .mapToObj(i -> Report.newBuilder()
                            .setMigration(UUID.randomUUID().toString())
                            .setSide(Side.DESTINATION)
                            .setStep(Step.EXPECTING)
                            .setAtMicros(1_700_000_000_000_000L))
                    .forEach(hello::addReports);
            return FromAgent.newBuilder().setHello(hello).build();
        }

        @Override
        public void received(ToAgent message) {}
    }

    private record Settings(int port, Path directory) implements CarovanaConfig {
        @Override
        public Role role() {
            return Role.CONTROLLER;
        }

        @Override
        public Tls tls() {
            return () -> Optional.of(directory.toString());
        }

        @Override
        public Link link() {
            return this::port;
        }

        @Override
        public Kubernetes kubernetes() {
            throw new UnsupportedOperationException();
        }
    }
}
