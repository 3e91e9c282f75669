// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The controller's REST API. What it refuses, or an answer that does not come, is a {@link Failure}. */
final class Server {
    private static final Duration TO_CONNECT = Duration.ofSeconds(10);
    private static final Duration TO_ANSWER = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String base;
    private final @Nullable String token;
    private final HttpClient http;

    /**
     * @param tls null for the authorities that Java knows
     */
    Server(String base, @Nullable String token, @Nullable SSLContext tls) {
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.token = token;
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(TO_CONNECT);
        http = (tls == null ? builder : builder.sslContext(tls)).build();
    }

    /** A name as it may stand in a path or a query. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) {
        return send(request(path).GET());
    }

    JsonNode post(String path, JsonNode body) {
        return post(path, "application/json", body);
    }

    JsonNode post(String path, String mediaType, JsonNode body) {
        return send(request(path).header("Content-Type", mediaType).POST(BodyPublishers.ofString(body.toString())));
    }

    void delete(String path) {
        send(request(path).DELETE());
    }

    /**
     * Hands over each change of a watched list.
     *
     * @param wanted false when no more are wanted
     * @return whether the stream is not wanted any more; false if the server ended it
     */
    boolean watch(String path, Predicate<JsonNode> wanted) {
        // no limit: the answer begins with the first change
        HttpRequest request =
                request(path).header("Accept", "text/event-stream").GET().build();
        try (Stream<String> lines = lines(request)) {
            for (Iterator<String> all = lines.iterator(); all.hasNext(); ) {
                String line = all.next();
                if (line.startsWith("data:") && !wanted.test(parse(line.substring("data:".length())))) {
                    return true;
                }
            }
            return false;
        } catch (UncheckedIOException e) {
            throw unreachable(e);
        }
    }

    private Stream<String> lines(HttpRequest request) {
        HttpResponse<Stream<String>> response = exchange(request, BodyHandlers.ofLines());
        if (response.statusCode() >= 300) {
            throw Problems.refused(response.statusCode(), response.body().collect(Collectors.joining("\n")));
        }
        return response.body();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(URI.create(base + path));
        } catch (IllegalArgumentException e) {
            throw new Failure(Failure.USAGE, "server '" + base + "': " + e.getMessage());
        }
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private JsonNode send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request.timeout(TO_ANSWER).build(), BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw Problems.refused(response.statusCode(), response.body());
        }
        return response.body().isBlank() ? MissingNode.getInstance() : parse(response.body());
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.UNREACHABLE, "interrupted");
        }
    }

    private Failure unreachable(Exception e) {
        String why = e instanceof ConnectException
                ? "cannot connect"
                : Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return new Failure(Failure.UNREACHABLE, "no answer from " + base + ": " + why);
    }

    private JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new Failure(Failure.UNREACHABLE, base + " does not answer in JSON: " + e.getOriginalMessage());
        }
    }
}
