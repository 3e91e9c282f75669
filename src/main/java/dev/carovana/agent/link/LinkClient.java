// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.link;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.FromAgent;
import dev.carovana.link.v1.Hello;
import dev.carovana.link.v1.LinkGrpc;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The agent's end of the link: one stream to the controller, made anew whenever it breaks. Thread-safe. */
public final class LinkClient implements Reports, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LinkClient.class);
    private static final int PROTOCOL = 1;
    private static final Duration FACTS = Duration.ofSeconds(10);
    private static final Duration RECONNECT = Duration.ofSeconds(1);

    private final AgentConfig config;
    private final String version;
    private final ManagedChannel channel;
    private final Supplier<Facts> facts;
    private final Supplier<List<Report>> known;
    private final Consumer<ToAgent> orders;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("link").daemon().factory());

    private @Nullable StreamObserver<FromAgent> stream;
    /** So that one outage is one line in the log. */
    private volatile boolean up = true;

    /**
     * @param facts what the node has
     * @param known every migration that is written down
     * @param orders is called for each message, one after another
     */
    public LinkClient(
            CarovanaConfig carovana,
            AgentConfig config,
            String version,
            Supplier<Facts> facts,
            Supplier<List<Report>> known,
            Consumer<ToAgent> orders)
            throws IOException {
        this.config = config;
        this.version = version;
        this.facts = facts;
        this.known = known;
        this.orders = orders;
        File tls = new File(
                carovana.tls().directory().orElseThrow(() -> new IOException("carovana.tls.directory is not set")));
        channel = NettyChannelBuilder.forTarget(config.controller()
                        .orElseThrow(() -> new IOException("carovana.agent.controller is not set, expected host:port")))
                .sslContext(GrpcSslContexts.forClient()
                        .keyManager(new File(tls, "tls.crt"), new File(tls, "tls.key"))
                        .trustManager(new File(tls, "ca.crt"))
                        .build())
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .build();
    }

    public void start() {
        connect();
        clock.scheduleWithFixedDelay(this::sendFacts, FACTS.toMillis(), FACTS.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void connect() {
        channel.resetConnectBackoff(); // which grows to two minutes: a controller that is back wants its agents
        StreamObserver<FromAgent> out = LinkGrpc.newStub(channel).connect(new FromController());
        stream = out;
        out.onNext(FromAgent.newBuilder()
                .setHello(Hello.newBuilder()
                        .setProtocol(PROTOCOL)
                        .setSite(config.site().orElse(""))
                        .setNode(config.node().orElse(""))
                        .setVersion(version)
                        .setTransferAddress(config.transfer().host().orElse("") + ":"
                                + config.transfer().port())
                        .setFacts(facts.get())
                        .addAllReports(known.get()))
                .build());
    }

    private void lost(String why) {
        synchronized (this) {
            if (stream == null) {
                return;
            }
            stream = null;
        }
        LOG.log(
                up ? Logger.Level.INFO : Logger.Level.DEBUG,
                "link to " + config.controller().orElse("") + " is down: " + why);
        up = false;
        clock.schedule(this::connect, RECONNECT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void send(MigrationRecord record) {
        Report report = record.report();
        if (report.getStep() != Step.STEP_UNKNOWN) {
            send(FromAgent.newBuilder().setReport(report).build());
        }
    }

    /** Answers a question of preflight, after the facts that it depends on. */
    public void send(PreflightResult result) {
        sendFacts();
        send(FromAgent.newBuilder().setPreflight(result).build());
    }

    private void sendFacts() {
        send(FromAgent.newBuilder().setFacts(facts.get()).build());
    }

    private synchronized void send(FromAgent message) {
        if (stream != null) {
            try {
                stream.onNext(message);
            } catch (IllegalStateException e) {
                LOG.debugf("the stream has just ended: %s", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        channel.shutdownNow();
    }

    private final class FromController implements StreamObserver<ToAgent> {
        @Override
        public void onNext(ToAgent message) {
            up = true;
            if (message.hasWelcome() && !message.getWelcome().getRefused().isEmpty()) {
                LOG.errorf(
                        "the controller refuses this agent: %s",
                        message.getWelcome().getRefused());
            }
            orders.accept(message);
        }

        @Override
        public void onError(Throwable problem) {
            lost(String.valueOf(problem.getMessage()));
        }

        @Override
        public void onCompleted() {
            lost("the controller ended it");
        }
    }
}
