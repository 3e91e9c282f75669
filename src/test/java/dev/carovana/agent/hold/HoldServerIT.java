// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HoldServerIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final BlockingQueue<String> changed = new LinkedBlockingQueue<>();
    private HoldServer server;

    /** The other end: what carovana-runc says. */
    private final class Client implements AutoCloseable {
        private final SocketChannel channel;
        private final BufferedReader lines;

        private Client() throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
            lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        }

        private Client say(String migration, String container, String state) throws IOException {
            return write(
                    """
                    {"version": 1, "type": "container", "migration": "%s", "podUid": "uid-1",\
                     "podNamespace": "functions", "podName": "cart-1", "container": "%s", "containerId": "c1",\
                     "sandboxId": "s1", "bundle": "/b", "netns": "/n", "pid": 7, "state": "%s", "initPid": 0,\
                     "error": "criu said no", "of a later version": true}
                    """
                            .formatted(migration, container, state));
        }

        private Client write(String text) throws IOException {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            return this;
        }

        private JsonNode hear() throws IOException {
            return JSON.readTree(lines.readLine());
        }

        private boolean isClosed() throws IOException {
            return lines.readLine() == null;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private Path socket() {
        return folder.resolve("agent.sock");
    }

    @BeforeEach
    void listen() throws IOException {
        server = HoldServer.start(socket(), changed::add);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void awaitChange(String migration) throws InterruptedException {
        assertThat(changed.poll(30, TimeUnit.SECONDS)).isEqualTo(migration);
    }

    private Holder only(String migration) {
        assertThat(server.holders(migration)).hasSize(1);
        return server.holders(migration).iterator().next();
    }

    @Test
    void aHolderIntroducesItself() throws Exception {
        try (Client client = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");

            HolderStatus status = only("m-1").status();
            assertThat(status.container()).isEqualTo("cart");
            assertThat(status.podUid()).isEqualTo("uid-1");
            assertThat(status.holderState()).isEqualTo(HolderState.HELD);
            assertThat(server.holders("m-2")).isEmpty();
        }
    }

    @Test
    void whatItSaidLastCounts() throws Exception {
        try (Client client = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");
            client.say("m-1", "cart", "failed");
            awaitChange("m-1");

            assertThat(only("m-1").status().holderState()).isEqualTo(HolderState.FAILED);
            assertThat(only("m-1").status().error()).isEqualTo("criu said no");
        }
    }

    @Test
    void aWordThatIsNotKnownIsNotRunning() throws Exception {
        try (Client client = new Client().say("m-1", "cart", "dancing")) {
            awaitChange("m-1");

            assertThat(only("m-1").status().holderState()).isEqualTo(HolderState.RESTORING);
        }
    }

    @Test
    void itIsToldWhatToDo() throws Exception {
        try (Client client = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");
            Holder holder = only("m-1");
            holder.prepare(Path.of("/i"), Path.of("/w"));
            holder.restore(Path.of("/i"), Path.of("/w"), Path.of("/d"));
            holder.resume();
            holder.discard();

            assertThat(client.hear())
                    .isEqualTo(JSON.readTree(
                            """
                    {"type": "prepare", "imagePath": "/i", "workPath": "/w"}"""));
            assertThat(client.hear())
                    .isEqualTo(
                            JSON.readTree(
                                    """
                    {"type": "restore", "imagePath": "/i", "workPath": "/w", "descriptors": "/d"}"""));
            assertThat(client.hear()).isEqualTo(JSON.readTree("{\"type\": \"resume\"}"));
            assertThat(client.hear()).isEqualTo(JSON.readTree("{\"type\": \"discard\"}"));
        }
    }

    @Test
    void containersOfAMigrationAreKnownTogether() throws Exception {
        try (Client cart = new Client().say("m-1", "cart", "held");
                Client redis = new Client().say("m-1", "redis", "held")) {
            await().until(() -> server.holders("m-1").size() == 2);
            redis.close();
            await().until(() -> server.holders("m-1").size() == 1);

            assertThat(only("m-1").status().container()).isEqualTo("cart");
        }
    }

    @Test
    void aHolderThatGoesAwayIsForgotten() throws Exception {
        try (Client client = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");
            client.close();
            awaitChange("m-1");
        }
        assertThat(server.holders("m-1")).isEmpty();
    }

    @Test
    void aHolderThatConnectedAnewIsNotForgottenWithItsOldConnection() throws Exception {
        try (Client before = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");
            try (Client after = new Client().say("m-1", "cart", "restored")) {
                awaitChange("m-1");
                before.close();
                awaitChange("m-1");

                assertThat(only("m-1").status().holderState()).isEqualTo(HolderState.RESTORED);
                only("m-1").resume();
                assertThat(after.hear().path("type").asText()).isEqualTo("resume");
            }
        }
    }

    @Test
    void aHolderCannotBecomeAnother() throws Exception {
        try (Client client = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");
            client.say("m-2", "cart", "held");

            assertThat(client.isClosed()).isTrue();
        }
        await().until(() -> server.holders("m-1").isEmpty());
        assertThat(server.holders("m-2")).isEmpty();
    }

    @Test
    void anotherVersionIsNotSpoken() throws Exception {
        try (Client client = new Client()
                .write(
                        "{\"version\": 2, \"type\": \"container\", \"migration\": \"m-1\", \"container\": \"cart\"}\n")) {
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(server.holders("m-1")).isEmpty();
        assertThat(changed).isEmpty();
    }

    @Test
    void whatIsNotJsonEndsTheConnection() throws Exception {
        try (Client client = new Client().write("hello\n")) {
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(changed).isEmpty();
    }

    @Test
    void nobodyElseMayConnect() throws IOException {
        assertThat(Files.getPosixFilePermissions(socket())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void theSocketOfAnAgentThatEndedIsReplaced() throws Exception {
        server.close();
        assertThat(socket()).exists();
        server = HoldServer.start(socket(), changed::add);
        try (Client client = new Client().say("m-1", "cart", "held")) {
            awaitChange("m-1");
        }
    }
}
