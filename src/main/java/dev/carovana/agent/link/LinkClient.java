// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.link;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.link.ControllerStream;
import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.FromAgent;
import dev.carovana.link.v1.Hello;
import dev.carovana.link.v1.LinkGrpc;
import dev.carovana.link.v1.PodAddress;
import dev.carovana.link.v1.PodAddresses;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** The agent's end of the link. Thread-safe. */
public final class LinkClient implements Reports, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LinkClient.class);
    private static final int PROTOCOL = 1;
    private static final Duration FACTS = Duration.ofSeconds(10);

    private final AgentConfig config;
    private final String version;
    private final Supplier<Facts> facts;
    private final Supplier<List<Report>> known;
    private final Supplier<List<PodAddress>> pods;
    private final Consumer<ToAgent> orders;
    private final ControllerStream<FromAgent, ToAgent> stream;

    /**
     * @param facts what the node has
     * @param known every migration that is written down
     * @param pods every pod of an instance that the node has
     * @param orders is called for each message, one after another
     */
    public LinkClient(
            CarovanaConfig carovana,
            AgentConfig config,
            String version,
            Supplier<Facts> facts,
            Supplier<List<Report>> known,
            Supplier<List<PodAddress>> pods,
            Consumer<ToAgent> orders)
            throws IOException {
        this.config = config;
        this.version = version;
        this.facts = facts;
        this.known = known;
        this.pods = pods;
        this.orders = orders;
        stream = new ControllerStream<>(
                config.controller()
                        .orElseThrow(() -> new IOException("carovana.agent.controller is not set, expected host:port")),
                new File(carovana.tls()
                        .directory()
                        .orElseThrow(() -> new IOException("carovana.tls.directory is not set"))),
                new Conversation());
    }

    public void start() {
        stream.start(FACTS, this::sendFacts);
    }

    @Override
    public void send(MigrationRecord record) {
        Report report = record.report();
        if (report.getStep() != Step.STEP_UNKNOWN) {
            stream.send(() -> FromAgent.newBuilder().setReport(report).build());
        }
    }

    /** Answers a question of preflight, after the facts that it depends on. */
    public void send(PreflightResult result) {
        sendFacts();
        stream.send(() -> FromAgent.newBuilder().setPreflight(result).build());
    }

    /** A pod has another address than before. */
    public void send(PodAddress pod) {
        stream.send(() -> FromAgent.newBuilder().setPod(pod).build());
    }

    private void sendFacts() {
        FromAgent message = FromAgent.newBuilder().setFacts(facts.get()).build();
        stream.send(() -> message);
    }

    @Override
    public void close() {
        stream.close();
    }

    private final class Conversation implements ControllerStream.Owner<FromAgent, ToAgent> {
        @Override
        public StreamObserver<FromAgent> call(Channel channel, StreamObserver<ToAgent> in) {
            return LinkGrpc.newStub(channel).connect(in);
        }

        @Override
        public FromAgent hello() {
            return FromAgent.newBuilder()
                    .setHello(Hello.newBuilder()
                            .setProtocol(PROTOCOL)
                            .setSite(config.site().orElse(""))
                            .setNode(config.node().orElse(""))
                            .setVersion(version)
                            .setTransferAddress(config.transfer().host().orElse("") + ":"
                                    + config.transfer().port())
                            .setFacts(facts.get())
                            .addAllReports(known.get())
                            .setPods(PodAddresses.newBuilder().addAllPods(pods.get())))
                    .build();
        }

        @Override
        public void received(ToAgent message) {
            if (message.hasWelcome() && !message.getWelcome().getRefused().isEmpty()) {
                LOG.errorf(
                        "the controller refuses this agent: %s",
                        message.getWelcome().getRefused());
            }
            orders.accept(message);
        }
    }
}
