// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.link;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.gateway.route.CallReports;
import dev.carovana.gateway.route.Hub;
import dev.carovana.gateway.route.RouteListener;
import dev.carovana.link.ControllerStream;
import dev.carovana.link.v1.Calls;
import dev.carovana.link.v1.Drained;
import dev.carovana.link.v1.FromGateway;
import dev.carovana.link.v1.GatewayHello;
import dev.carovana.link.v1.GatewayLinkGrpc;
import dev.carovana.link.v1.GatewayWelcome;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.ToGateway;
import dev.carovana.link.v1.Want;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's end of the link. While it is down nothing is told to the listener, which goes on with what it knows.
 * Thread-safe.
 */
@ApplicationScoped
class GatewayLinkClient implements Hub {
    private static final Logger LOG = Logger.getLogger(GatewayLinkClient.class);
    private static final int PROTOCOL = 1;
    private static final Duration REPORTS = Duration.ofSeconds(10);

    private final CarovanaConfig carovana;
    private final GatewayLinkConfig config;
    private final Instance<RouteListener> routes;
    private final Instance<CallReports> calls;
    private final String version;
    private @Nullable ControllerStream<FromGateway, ToGateway> stream;
    private volatile boolean welcome;

    GatewayLinkClient(
            CarovanaConfig carovana,
            GatewayLinkConfig config,
            Instance<RouteListener> routes,
            Instance<CallReports> calls,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.carovana = carovana;
        this.config = config;
        this.routes = routes;
        this.calls = calls;
        this.version = version;
    }

    void start(@Observes StartupEvent event) throws IOException {
        if (carovana.role() != Role.GATEWAY) {
            return;
        }
        stream = new ControllerStream<>(
                config.controller()
                        .orElseThrow(
                                () -> new IOException("carovana.gateway.controller is not set, expected host:port")),
                new File(carovana.tls()
                        .directory()
                        .orElseThrow(() -> new IOException("carovana.tls.directory is not set"))),
                new Conversation());
        stream.start(REPORTS, this::report);
    }

    void stop(@Observes ShutdownEvent event) {
        if (stream != null) {
            stream.close();
        }
    }

    @Override
    public boolean isConnected() {
        return welcome;
    }

    @Override
    public void want(String namespace, String function, String user) {
        send(FromGateway.newBuilder()
                .setWant(Want.newBuilder()
                        .setNamespace(namespace)
                        .setFunction(function)
                        .setUser(user))
                .build());
    }

    @Override
    public void drained(String namespace, String instance, String hold) {
        send(FromGateway.newBuilder()
                .setDrained(Drained.newBuilder()
                        .setNamespace(namespace)
                        .setInstance(instance)
                        .setHold(hold))
                .build());
    }

    /** What happens while the link is down waits where it is counted. */
    private void report() {
        if (welcome) {
            List<InstanceCalls> since = calls.isResolvable() ? calls.get().drain() : List.of();
            send(FromGateway.newBuilder()
                    .setCalls(Calls.newBuilder().addAllInstances(since))
                    .build());
        }
    }

    private void send(FromGateway message) {
        if (stream != null && welcome) {
            stream.send(() -> message);
        }
    }

    private final class Conversation implements ControllerStream.Owner<FromGateway, ToGateway> {
        @Override
        public StreamObserver<FromGateway> call(Channel channel, StreamObserver<ToGateway> in) {
            return GatewayLinkGrpc.newStub(channel).connect(in);
        }

        @Override
        public FromGateway hello() {
            return FromGateway.newBuilder()
                    .setHello(GatewayHello.newBuilder()
                            .setProtocol(PROTOCOL)
                            .setSite(config.site().orElse(""))
                            .setName(config.name().orElse(""))
                            .setVersion(version)
                            .setPeerAddress(config.peer().address().orElse("")))
                    .build();
        }

        @Override
        public void lost() {
            welcome = false;
        }

        @Override
        public void received(ToGateway message) {
            if (message.hasWelcome()) {
                welcomed(message.getWelcome());
            }
            if (routes.isResolvable()) {
                tell(routes.get(), message);
            }
        }

        private void welcomed(GatewayWelcome answer) {
            if (answer.getRefused().isEmpty()) {
                LOG.info("the controller takes this gateway");
                welcome = true;
            } else {
                LOG.errorf("the controller refuses this gateway: %s", answer.getRefused());
            }
        }

        private void tell(RouteListener listener, ToGateway message) {
            switch (message.getBodyCase()) {
                case WELCOME -> {
                    if (welcome) {
                        listener.syncing();
                    }
                }
                case FUNCTION -> listener.function(message.getFunction());
                case FUNCTION_GONE ->
                    listener.functionGone(
                            message.getFunctionGone().getNamespace(),
                            message.getFunctionGone().getName());
                case INSTANCE -> listener.instance(message.getInstance());
                case INSTANCE_GONE ->
                    listener.instanceGone(
                            message.getInstanceGone().getNamespace(),
                            message.getInstanceGone().getInstance());
                case PEERS -> listener.peers(message.getPeers());
                case SYNCED -> listener.synced();
                case UNWANTED -> listener.unwanted(message.getUnwanted());
                case BODY_NOT_SET -> {} // of a newer controller
            }
        }
    }
}
