// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;

/** The cart sample's HTTP API, wherever the instance is now. */
final class Cart {
    /**
     * What the cart answers.
     *
     * @param sequence how many updates it has had
     * @param hash chain over all updates
     * @param process changes when the function's process is started anew
     * @param connects how often the connection to Redis was made
     * @param uptimeSeconds by the function's monotonic clock
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record State(long sequence, String hash, String process, int connects, double uptimeSeconds) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    // a connection that is kept over a move would meet the old pod
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(1))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private final String instance;

    Cart(String instance) {
        this.instance = instance;
    }

    State get() throws IOException, InterruptedException {
        return call("GET", "/cart", "");
    }

    State add(String item) throws IOException, InterruptedException {
        return call("POST", "/items", "{\"item\":\"" + item + "\",\"quantity\":1}");
    }

    private State call(String method, String path, String body) throws IOException, InterruptedException {
        String address =
                Objects.requireNonNull(Instances.get(instance).getStatus().address());
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://" + address + ":8080" + path))
                        .timeout(Duration.ofSeconds(2))
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IllegalStateException(method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return JSON.readValue(response.body(), State.class);
    }
}
