// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls to an instance, wherever it is now. */
final class Calls {
    private static final ObjectMapper JSON = new ObjectMapper();
    // a connection that is kept over a move would meet the old pod
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(1))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private Calls() {}

    static <T> T get(String instance, String path, Class<T> answer) throws IOException, InterruptedException {
        return call(instance, "GET", path, "", answer);
    }

    static <T> T post(String instance, String path, String body, Class<T> answer)
            throws IOException, InterruptedException {
        return call(instance, "POST", path, body, answer);
    }

    private static <T> T call(String instance, String method, String path, String body, Class<T> answer)
            throws IOException, InterruptedException {
        String address =
                Objects.requireNonNull(Instances.get(instance).getStatus().address());
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + ":8080" + path))
                .timeout(Duration.ofSeconds(2))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response;
        try {
            // the request's own limit ends with the headers, and the pod may move before the rest is sent
            response = HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                    .get(3, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        }
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return JSON.readValue(response.body(), answer);
    }
}
