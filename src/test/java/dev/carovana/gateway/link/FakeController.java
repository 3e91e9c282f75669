// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.link;

import dev.carovana.link.v1.FromGateway;
import dev.carovana.link.v1.GatewayLinkGrpc;
import dev.carovana.link.v1.GatewayWelcome;
import dev.carovana.link.v1.ToGateway;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The controller's end of a gateway's link: answers hellos, and says what a test wants. */
final class FakeController implements AutoCloseable {
    private final Path certificate;
    private final List<FromGateway> heard = new CopyOnWriteArrayList<>();
    private Server server;
    private volatile StreamObserver<ToGateway> out;
    private volatile String refusal = "";

    FakeController(Path certificate) {
        this.certificate = certificate;
    }

    /** @param port 0 for any */
    void start(int port) throws IOException {
        server = NettyServerBuilder.forPort(port)
                .sslContext(GrpcSslContexts.forServer(
                                certificate.resolve("tls.crt").toFile(),
                                certificate.resolve("tls.key").toFile())
                        .trustManager(certificate.resolve("ca.crt").toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .addService(new Link())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    void refuse(String why) {
        refusal = why;
    }

    List<FromGateway> heard() {
        return heard;
    }

    void say(ToGateway message) {
        out.onNext(message);
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination();
    }

    private final class Link extends GatewayLinkGrpc.GatewayLinkImplBase {
        @Override
        public StreamObserver<FromGateway> connect(StreamObserver<ToGateway> to) {
            return new StreamObserver<>() {
                @Override
                public void onNext(FromGateway message) {
                    heard.add(message);
                    if (message.hasHello()) {
                        out = to;
                        to.onNext(ToGateway.newBuilder()
                                .setWelcome(GatewayWelcome.newBuilder().setRefused(refusal))
                                .build());
                        if (!refusal.isEmpty()) {
                            to.onCompleted();
                        }
                    }
                }

                @Override
                public void onError(Throwable problem) {}

                @Override
                public void onCompleted() {
                    to.onCompleted();
                }
            };
        }
    }
}
