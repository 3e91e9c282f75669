// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.publish;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** A receiver of CloudEvents over HTTP. */
final class Sink {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final URI url;
    private final Optional<Path> tokenFile;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    Sink(URI url, Optional<Path> tokenFile) {
        this.url = url;
        this.tokenFile = tokenFile;
    }

    /** For logs and metrics: a URL may have a password in it. */
    String host() {
        return url.getHost();
    }

    /** Annotation of a Migration whose event the sink has taken. */
    String annotation() {
        return "sinks.carovana.dev/" + UUID.nameUUIDFromBytes(url.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Returns when the sink has taken the event. */
    void send(String event) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(PATIENCE)
                .header("Content-Type", "application/cloudevents+json")
                .POST(BodyPublishers.ofString(event));
        if (tokenFile.isPresent()) {
            // read each time: tokens are renewed
            request.header(
                    "Authorization",
                    "Bearer " + Files.readString(tokenFile.get()).strip());
        }
        int status = http.send(request.build(), BodyHandlers.discarding()).statusCode();
        if (status / 100 != 2) {
            throw new IOException("it answers " + status);
        }
    }
}
