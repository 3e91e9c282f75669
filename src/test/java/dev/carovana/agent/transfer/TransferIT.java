// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.carovana.agent.journal.ContainerTimes;
import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.transfer.Messages.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class TransferIT {
    private static final Duration STALL = Duration.ofSeconds(20);
    private static final byte[] TEXT = "some memory".getBytes(UTF_8);
    private static final Messages.Hello HELLO = new Messages.Hello(1, "m-1", "secret", true, "10.0.0.7", Map.of());

    @TempDir
    private static Path authority;

    @TempDir
    private static Path foreign;

    private static SSLContext source;
    private static SSLContext destination;

    private final RecordingDestination arrived = new RecordingDestination();
    private TransferServer server;

    @BeforeAll
    static void certify() {
        Certificates certificates = new Certificates(authority);
        source = certificates.of("edge-a");
        destination = certificates.of("edge-b");
    }

    @BeforeEach
    void listen() throws IOException {
        server = TransferServer.start(destination, 0, arrived, STALL);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private Upload connect(SSLContext tls, String site, long bytesPerSecond) throws IOException {
        return Upload.connect(tls, "127.0.0.1:" + server.port(), site, HELLO, bytesPerSecond, STALL);
    }

    private Upload connect() throws IOException {
        Upload upload = connect(source, "edge-b", 0);
        assertThat(upload.standing().step()).isEqualTo(DestinationStep.RECEIVING);
        return upload;
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    private static byte[] compressible(int size) {
        return "the same again, ".repeat(size / 16).getBytes(UTF_8);
    }

    @Test
    void filesThatAreSentTogetherArriveWhole(@TempDir Path folder) throws Exception {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("empty.img", new byte[0]);
        contents.put("one.img", new byte[] {1});
        contents.put("chunk.img", random(Chunk.SIZE));
        contents.put("random.img", random(5 << 20));
        contents.put("compressible.img", compressible(5 << 20));
        for (Map.Entry<String, byte[]> file : contents.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        try (Upload upload = connect();
                ExecutorService senders = Executors.newFixedThreadPool(contents.size() + 1)) {
            Stream<Future<Long>> images = List.copyOf(contents.keySet()).stream()
                    .map(name -> senders.submit(() -> upload.image("cart", folder.resolve(name))));
            Future<Long> tree = senders.submit(
                    () -> upload.tree(Kind.VOLUME, "data", "", List.of("old"), new ByteArrayInputStream(TEXT)));
            for (Future<Long> sent : images.toList()) {
                sent.get();
            }
            assertThat(tree.get()).isEqualTo(TEXT.length);
            upload.done();

            assertThat(upload.standing().step()).isEqualTo(DestinationStep.RECEIVED);
        }
        assertThat(arrived.files).hasSize(6).containsEntry("data/", TEXT);
        contents.forEach((name, content) ->
                assertThat(arrived.files.get("cart/" + name)).as(name).isEqualTo(content));
        assertThat(arrived.opened)
                .filteredOn(file -> file.kind() == Kind.VOLUME)
                .extracting(Messages.Open::deletes)
                .containsExactly(List.of("old"));
        assertThat(arrived.sites).containsExactly("edge-a");
        assertThat(arrived.abandoned).isEmpty();
    }

    @Test
    void aLimitedConnectionCompresses() throws IOException {
        byte[] content = compressible(5 << 20);
        try (Upload upload = connect(source, "edge-b", 2 << 20)) {
            upload.standing();
            upload.tree(Kind.SHM, "", "", List.of(), new ByteArrayInputStream(content));
            upload.done();
            upload.standing();

            assertThat(upload.bytesSent()).isLessThan(content.length / 2);
        }
        assertThat(arrived.files.get("/")).isEqualTo(content);
    }

    @Test
    void theEndCarriesWhatTheSourceMeasured() throws IOException {
        Messages.End measured = new Messages.End(Map.of("cart", new ContainerTimes(1, 2, 0, 4, 5)), 6);
        try (Upload upload = connect()) {
            upload.done();
            upload.standing();
            upload.end(measured);

            Messages.Standing outcome = upload.standing();
            assertThat(outcome.step()).isEqualTo(DestinationStep.RESTORED);
            assertThat(outcome.restoredAt()).containsExactly(Map.entry("cart", 7L));
        }
        assertThat(arrived.end).isCompletedWithValue(measured);
    }

    @Test
    void aSourceCanTakeItBack() throws IOException {
        try (Upload upload = connect()) {
            upload.cancel();

            assertThat(upload.standing().step()).isEqualTo(DestinationStep.CLEANED);
        }
    }

    @Test
    void anotherSiteThanExpectedGetsNothing() {
        assertThatThrownBy(() -> connect(source, "edge-c", 0))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("is site 'edge-b', expected 'edge-c'");

        assertThat(arrived.sites).isEmpty();
    }

    @Test
    void aSourceOfAnotherAuthorityIsNotHeard() throws IOException {
        new Certificates(foreign).of("edge-a");
        Path folder = foreign.resolve("edge-a");
        Files.copy(authority.resolve("ca.crt"), folder.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        SSLContext stranger = TransferTls.context(folder);

        assertThatThrownBy(() -> {
                    try (Upload upload = connect(stranger, "edge-b", 0)) {
                        upload.standing();
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(arrived.sites).isEmpty();
    }

    @Test
    void aDestinationOfAnotherAuthorityGetsNothing() throws IOException {
        SSLContext stranger = new Certificates(foreign).of("edge-b");
        try (TransferServer other = TransferServer.start(stranger, 0, arrived, STALL)) {
            assertThatThrownBy(() -> Upload.connect(source, "127.0.0.1:" + other.port(), "edge-b", HELLO, 0, STALL))
                    .isInstanceOf(IOException.class);
        }
        assertThat(arrived.sites).isEmpty();
    }

    @Test
    void aRefusedSourceLearnsWhy() throws IOException {
        arrived.refusal = new RefusedException("WrongSource", "site 'edge-a' is not the source");
        try (Upload upload = connect(source, "edge-b", 0)) {
            assertThatThrownBy(upload::standing)
                    .hasMessage("site 'edge-a' is not the source")
                    .asInstanceOf(type(RefusedException.class))
                    .extracting(RefusedException::reason)
                    .isEqualTo("WrongSource");
            assertThat(upload.refusal()).isPresent();
        }
    }

    @Test
    void aSourceThatGoesAwayInAFileIsCut() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        Upload upload = connect();
        Thread sender = Thread.ofVirtual().start(() -> sendUntil(hold, upload));
        assertThat(arrived.firstBytes.await(30, TimeUnit.SECONDS)).isTrue();
        upload.close();

        arrived.cut.get(30, TimeUnit.SECONDS);
        assertThat(arrived.abandoned).containsExactly("data/");
        assertThat(arrived.files).isEmpty();
        assertThat(arrived.step()).isEqualTo(DestinationStep.RECEIVING);
        hold.countDown();
        sender.join();
    }

    private static void sendUntil(CountDownLatch hold, Upload upload) {
        InputStream slow = new InputStream() {
            private boolean begun;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int readNBytes(byte[] bytes, int offset, int length) throws IOException {
                if (begun) {
                    try {
                        hold.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    return 0;
                }
                begun = true;
                return length;
            }
        };
        try {
            upload.tree(Kind.VOLUME, "data", "", List.of(), slow);
        } catch (IOException e) {
            assertThat(e).as("the connection is closed").isNotNull();
        }
    }

    @Test
    void aSourceThatFallsSilentIsCut() throws Exception {
        try (TransferServer impatient = TransferServer.start(destination, 0, arrived, Duration.ofMillis(400));
                RawSource silent = new RawSource(source, impatient.port(), true)) {
            silent.open();
            silent.out.flush();

            arrived.cut.get(30, TimeUnit.SECONDS);
            assertThat(arrived.abandoned).containsExactly("cart/pages-1.img");
        }
    }

    @Test
    void aConnectionThatOnlyAsksIsNotCut() throws IOException {
        try (RawSource asking = new RawSource(source, server.port(), false)) {
            asking.open();
            asking.out.flush();

            assertThatThrownBy(asking::next).isInstanceOf(IOException.class);
        }
        assertThat(arrived.opened).isEmpty();
        assertThat(arrived.cut).isNotDone();
    }

    /** What a source says after its file was begun. */
    interface Mistake {
        void make(RawSource source) throws IOException;
    }

    static Stream<Arguments> mistakes() {
        int digest = Chunk.digest(TEXT, 0, TEXT.length);
        Chunk good = new Chunk(TEXT, TEXT.length, TEXT.length, false, digest);
        int whole = fileDigest(digest);
        return Stream.of(
                mistake("a chunk's digest is wrong", s -> s.data(0, chunk(TEXT.length, false, digest + 1))),
                mistake("11 bytes, 10 were announced", s -> s.data(0, chunk(TEXT.length - 1, false, digest))),
                mistake("cannot be decompressed", s -> s.data(0, chunk(TEXT.length, true, digest))),
                mistake("chunk of 262145 bytes", s -> s.data(0, chunk(Chunk.SIZE + 1, false, digest))),
                mistake("bytes from 1, expected from 0", s -> s.data(1, good)),
                mistake("bytes from 0, expected from 11", s -> {
                    s.data(0, good);
                    s.data(0, good);
                }),
                mistake("file 0 begins twice", RawSource::open),
                mistake("file 1 was not begun", s -> s.out.data(1, 0, good)),
                mistake("11 bytes of 12, or", s -> {
                    s.data(0, good);
                    s.closeFile(TEXT.length + 1, whole);
                }),
                mistake("is not what was sent", s -> {
                    s.data(0, good);
                    s.closeFile(TEXT.length, whole + 1);
                }),
                mistake("0 files with 0 bytes arrived whole, 1 with 11 were sent", s -> {
                    s.data(0, good);
                    s.done(1, TEXT.length);
                }),
                mistake("0 files with 0 bytes arrived whole, 0 with 0 were sent", s -> s.done(0, 0)),
                mistake("1 files with 11 bytes arrived whole, 2 with 11 were sent", s -> {
                    s.data(0, good);
                    s.closeFile(TEXT.length, whole);
                    s.done(2, TEXT.length);
                }),
                mistake("1 files with 11 bytes arrived whole, 1 with 12 were sent", s -> {
                    s.data(0, good);
                    s.closeFile(TEXT.length, whole);
                    s.done(1, TEXT.length + 1);
                }),
                mistake("frame REFUSED from a source", s -> s.out.write(FrameType.REFUSED, new Messages.Empty())),
                mistake("frame of 1048577 bytes", s -> {
                    s.out.flush();
                    s.wire.write(new byte[] {0, 0x10, 0, 1});
                }),
                mistake("unknown frame type 99", s -> {
                    s.out.flush();
                    s.wire.write(new byte[] {0, 0, 0, 1, 99});
                }));
    }

    private static Arguments mistake(String answer, Mistake mistake) {
        return arguments(answer, mistake);
    }

    private static Chunk chunk(int announced, boolean compressed, int digest) {
        return new Chunk(TEXT, TEXT.length, announced, compressed, digest);
    }

    private static int fileDigest(int chunk) {
        FileDigest digest = new FileDigest();
        digest.add(chunk);
        return digest.value();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void whatIsNotWhatWasSentIsRefused(String answer, Mistake mistake) throws Exception {
        try (RawSource wrong = new RawSource(source, server.port(), true)) {
            wrong.open();
            mistake.make(wrong);
            wrong.out.flush();

            Messages.Refused refused = wrong.next().expect(FrameType.REFUSED).json(Messages.Refused.class);
            assertThat(refused.reason()).isEqualTo("TransferRefused");
            assertThat(refused.message()).contains(answer);
        }
        assertThat(arrived.cut.get(30, TimeUnit.SECONDS)).contains(answer);
        assertThat(arrived.step()).as("not received").isEqualTo(DestinationStep.RECEIVING);
    }
}
