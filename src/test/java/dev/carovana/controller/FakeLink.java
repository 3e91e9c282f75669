// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.FromAgent;
import dev.carovana.link.v1.Hello;
import dev.carovana.link.v1.LinkGrpc;
import dev.carovana.link.v1.PodAddress;
import dev.carovana.link.v1.PodAddresses;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.ToAgent;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/** A fake agent's end of the link: gRPC with mutual TLS, made anew whenever it breaks. */
final class FakeLink implements AutoCloseable {
    private final ManagedChannel channel;
    private final Supplier<Facts> facts;
    private final Supplier<List<Report>> records;
    private final Supplier<Optional<PodAddresses>> pods;
    private final Consumer<ToAgent> orders;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private StreamObserver<FromAgent> stream;
    private FromController current;
    private boolean wanted;
    private int protocol = 1;
    private final String node;
    private String claimedSite;

    FakeLink(
            String site,
            String node,
            Path certificates,
            int port,
            Supplier<Facts> facts,
            Supplier<List<Report>> records,
            Supplier<Optional<PodAddresses>> pods,
            Consumer<ToAgent> orders) {
        this.claimedSite = site;
        this.node = node;
        this.facts = facts;
        this.records = records;
        this.pods = pods;
        this.orders = orders;
        try {
            channel = NettyChannelBuilder.forAddress("localhost", port)
                    .overrideAuthority("carovana-controller")
                    .sslContext(GrpcSslContexts.forClient()
                            .keyManager(
                                    certificates.resolve("tls.crt").toFile(),
                                    certificates.resolve("tls.key").toFile())
                            .trustManager(certificates.resolve("ca.crt").toFile())
                            .build())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    synchronized void connect() {
        wanted = true;
        open();
    }

    synchronized void disconnect() {
        wanted = false;
        if (stream != null) {
            stream.onCompleted();
            stream = null;
        }
    }

    /** Connects again with another protocol version. */
    synchronized void speak(int version) {
        disconnect();
        protocol = version;
        connect();
    }

    /** Connects again and says to be of another site. */
    synchronized void claim(String name) {
        disconnect();
        claimedSite = name;
        connect();
    }

    private synchronized void open() {
        if (!wanted || stream != null) {
            return;
        }
        channel.resetConnectBackoff();
        current = new FromController();
        stream = LinkGrpc.newStub(channel).connect(current);
        Hello.Builder hello = Hello.newBuilder();
        pods.get().ifPresent(hello::setPods);
        stream.onNext(FromAgent.newBuilder()
                .setHello(hello.setProtocol(protocol)
                        .setSite(claimedSite)
                        .setNode(node)
                        .setVersion("test")
                        .setTransferAddress(node + ":9444")
                        .setFacts(facts.get())
                        .addAllReports(records.get()))
                .build());
    }

    void send(Report report) {
        send(FromAgent.newBuilder().setReport(report).build());
    }

    void send(PreflightResult result) {
        send(FromAgent.newBuilder().setPreflight(result).build());
    }

    void send(PodAddress pod) {
        send(FromAgent.newBuilder().setPod(pod).build());
    }

    private synchronized void send(FromAgent message) {
        if (stream != null) {
            stream.onNext(message);
        }
    }

    private final class FromController implements StreamObserver<ToAgent> {
        @Override
        public void onNext(ToAgent order) {
            orders.accept(order);
        }

        @Override
        public void onError(Throwable problem) {
            again();
        }

        @Override
        public void onCompleted() {
            again();
        }

        private void again() {
            synchronized (FakeLink.this) {
                if (current != this) {
                    return; // an older stream
                }
                stream = null;
            }
            if (!clock.isShutdown()) {
                clock.schedule(FakeLink.this::open, 200, TimeUnit.MILLISECONDS);
            }
        }
    }

    @Override
    public void close() {
        disconnect();
        clock.shutdownNow();
        channel.shutdownNow();
    }
}
