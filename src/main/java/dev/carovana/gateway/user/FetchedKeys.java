// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** Keys of a file or a web page, read when a token turns up that none of the known ones has signed. */
public final class FetchedKeys implements KeySource {
    private static final Logger LOG = Logger.getLogger(FetchedKeys.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Optional<String> source;
    private volatile List<JsonWebKey> known = List.of();
    private @Nullable Future<List<JsonWebKey>> reading;
    private long lastRead;
    private boolean wasRead;

    /** @param source URL or path; without one there are no keys */
    public FetchedKeys(Vertx vertx, Optional<String> source) {
        this.vertx = vertx;
        this.source = source;
    }

    @Override
    public List<JsonWebKey> current() {
        return known;
    }

    @Override
    public synchronized Optional<Future<List<JsonWebKey>>> fresh() {
        if (source.isEmpty()) {
            return Optional.empty();
        }
        if (reading != null && !reading.isComplete()) {
            return Optional.of(reading);
        }
        if (wasRead && System.nanoTime() - lastRead < PAUSE.toNanos()) {
            return Optional.empty();
        }
        wasRead = true;
        lastRead = System.nanoTime();
        Future<List<JsonWebKey>> keys = vertx.executeBlocking(() -> read(source.get()), false)
                .onSuccess(read -> known = read)
                .otherwise(this::complain);
        reading = keys;
        return Optional.of(keys);
    }

    private List<JsonWebKey> complain(Throwable why) {
        LOG.errorf("keys of carovana.gateway.jwt.jwks could not be read: %s", why);
        return known;
    }

    private static List<JsonWebKey> read(String source) throws IOException, InterruptedException, JoseException {
        return new JsonWebKeySet(text(source)).getJsonWebKeys();
    }

    private static String text(String source) throws IOException, InterruptedException {
        if (!source.startsWith("http://") && !source.startsWith("https://")) {
            return Files.readString(Path.of(source));
        }
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(source))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            var answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException(source + " answered " + answer.statusCode());
            }
            return answer.body();
        }
    }
}
