// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Listens for agents and gateways, in the controller only: a server of our own, as Quarkus' would listen in every role. */
@ApplicationScoped
public class LinkServer {
    private static final Logger LOG = Logger.getLogger(LinkServer.class);

    /** Others begin after it by a larger number; reconcilers begin at 2500, as all that say nothing about it. */
    public static final int OPEN = 100;

    /** In its first message an agent says all that it has on record: some fifty bytes and more of each migration. */
    private static final int LARGEST_MESSAGE = 64 << 20;

    private final CarovanaConfig config;
    private final Agents agents;
    private final PodAddresses addresses;
    private final Gateways gateways;
    private @Nullable Server server;

    LinkServer(CarovanaConfig config, Agents agents, PodAddresses addresses, Gateways gateways) {
        this.config = config;
        this.agents = agents;
        this.addresses = addresses;
        this.gateways = gateways;
    }

    /**
     * After the caches that gateways are told of, and before the reconcilers: while these begin agents connect, and are not
     * taken for absent.
     */
    void start(@Observes @Priority(OPEN) StartupEvent event) throws IOException {
        if (config.role() != Role.CONTROLLER) {
            return;
        }
        String directory = config.tls().directory().orElse("");
        if (directory.isEmpty()) {
            LOG.warn("carovana.tls.directory is not set: no agent and no gateway can connect");
            return;
        }
        server = NettyServerBuilder.forPort(config.link().port())
                .sslContext(GrpcSslContexts.forServer(new File(directory, "tls.crt"), new File(directory, "tls.key"))
                        .trustManager(new File(directory, "ca.crt"))
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .intercept(new ClientName())
                .addService(new LinkService(agents, addresses))
                .addService(new GatewayLinkService(gateways))
                .build()
                .start();
        LOG.infof("link listens on port %d", server.getPort());
    }

    void stop(@Observes ShutdownEvent event) {
        if (server != null) {
            server.shutdownNow();
        }
    }

    /** The port that agents connect to, which the system chose if {@code carovana.link.port} is 0. */
    public int port() {
        return server == null ? -1 : server.getPort();
    }
}
