// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.RecordedReports;
import dev.carovana.agent.Settings;
import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.hold.HoldServer;
import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.transfer.Messages.Hello;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.Prepare;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DestinationsIT {
    private static final Prepare ORDER = Prepare.newBuilder()
            .setMigration("m-1")
            .setPod(PodRef.newBuilder().setNamespace("functions").setName("cart-1"))
            .addContainers("cart")
            .setSourceSite("edge-a")
            .setToken("secret")
            .build();

    @TempDir
    private Path run;

    private final RecordedReports reports = new RecordedReports();
    private final Set<String> settled = ConcurrentHashMap.newKeySet();
    private final AtomicInteger names = new AtomicInteger();
    private Journal journal;
    private HoldServer holders;
    private Destinations destinations;

    @BeforeEach
    void prepare() throws IOException {
        journal = new Journal(run);
        destinations = new Destinations(
                Settings.of(Map.of()),
                new Node(run, List.of()),
                journal,
                reports,
                r -> {},
                settled::contains,
                pod -> PodVolumes.NONE);
        holders = HoldServer.start(run.resolve("agent.sock"), destinations::holdersChanged);
        destinations.use(holders);
        destinations.prepare(ORDER);
    }

    @AfterEach
    void stop() throws IOException {
        holders.close();
    }

    private DestinationRecord only() {
        assertThat(destinations.records()).hasSize(1);
        return destinations.records().iterator().next();
    }

    @Test
    void aMigrationIsExpectedOnce() throws IOException {
        destinations.prepare(ORDER.toBuilder().setToken("another").build());

        assertThat(only().step()).isEqualTo(DestinationStep.EXPECTING);
        assertThat(only().token()).isEqualTo("secret");
        assertThat(journal.readAll()).containsExactly(only());
        assertThat(reports.all()).containsExactly(only(), only());
    }

    @ParameterizedTest
    @CsvSource({
        "edge-a,m-2,secret,UnknownMigration",
        "edge-c,m-1,secret,WrongSource",
        "edge-a,m-1,guessed,WrongSource",
        "edge-a,m-1,'',WrongSource",
        "edge-a,m-1,secret,DestinationNotReady"
    })
    void whoIsNotExpectedIsRefused(String site, String migration, String token, String reason) {
        assertThatThrownBy(() -> destinations.open(site, new Hello(1, migration, token, true, "10.0.0.7", Map.of())))
                .asInstanceOf(type(RefusedException.class))
                .extracting(RefusedException::reason)
                .isEqualTo(reason);
        assertThat(only().step()).isEqualTo(DestinationStep.EXPECTING);
    }

    @Test
    void theSourceMayAskAtAnyTime() throws IOException {
        assertThat(destinations
                        .open("edge-a", new Hello(1, "m-1", "secret", false, "", Map.of()))
                        .standing()
                        .step())
                .isEqualTo(DestinationStep.EXPECTING);
    }

    /** After a restart of the node containers of a moved pod are held, and nobody is left who would restore them. */
    @Test
    void whoIsHeldInAPodWhoseMoveIsOverIsEnded() throws IOException {
        try (SocketChannel early = held("uid-1");
                SocketChannel other = held("uid-2")) {
            settled.add("uid-1");
            destinations.podIsSettled("uid-1");
            assertThat(line(early)).isEqualTo("{\"type\":\"end\"}");

            try (SocketChannel late = held("uid-1")) {
                assertThat(line(late)).isEqualTo("{\"type\":\"end\"}");
            }
            other.configureBlocking(false);
            assertThat(other.read(ByteBuffer.allocate(1)))
                    .as("nobody tells it anything")
                    .isZero();
        }
    }

    private SocketChannel held(String podUid) throws IOException {
        int before = holders.ofPod(podUid).size();
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(run.resolve("agent.sock")));
        String status = "{\"version\":1,\"type\":\"container\",\"migration\":\"m-of-" + podUid + "\",\"podUid\":\""
                + podUid
                + "\",\"podNamespace\":\"functions\",\"podName\":\"cart-1\",\"container\":\"c" + names.incrementAndGet()
                + "\",\"state\":\"held\"}\n";
        channel.write(ByteBuffer.wrap(status.getBytes(UTF_8)));
        await().until(() -> holders.ofPod(podUid).size() > before);
        return channel;
    }

    private static String line(SocketChannel channel) throws IOException {
        return new BufferedReader(Channels.newReader(channel, UTF_8)).readLine();
    }

    @Test
    void whereThePodNeverCameTheMigrationIsForgottenWhenItIsOver() throws IOException {
        destinations.finish("m-1");

        assertThat(destinations.records()).isEmpty();
        assertThat(journal.readAll()).isEmpty();
    }

    @Test
    void whatIsAbortedIsForgottenWhenItHasEnded() throws IOException {
        destinations.abort("m-1", "nobody wants it");
        await().until(() -> only().step() == DestinationStep.CLEANED);
        destinations.finish("m-1");

        assertThat(destinations.records()).isEmpty();
        assertThat(journal.readAll()).isEmpty();
    }
}
