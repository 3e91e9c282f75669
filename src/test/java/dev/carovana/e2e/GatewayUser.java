// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.carovana.api.v1alpha1.FunctionInstance;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A user of the cart who calls the gateway of the site where they are, one call after another, and repeats none. Every
 * answer must be the next update of the same process.
 */
final class GatewayUser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Cart.State NOTHING = new Cart.State(0, "", "", 0, 0);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String name;
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private volatile String site;
    private volatile Cart.State last = NOTHING;
    private volatile boolean stop;
    private final Thread thread;

    /** The first call, which starts the instance; it is made again if the gateway says that it cannot be started now. */
    GatewayUser(String name, String site) {
        this.name = name;
        this.site = site;
        Awaiting.until("the first call of " + name, () -> {
            HttpResponse<String> answer = send();
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 503);
            last = answer.statusCode() == 200 ? read(answer) : NOTHING;
            return answer.statusCode() == 200;
        });
        this.thread = Thread.ofVirtual().name("user " + name).start(this::use);
    }

    /** They call the gateway of this site from now on. */
    void goTo(String where) {
        site = where;
    }

    Cart.State last() {
        return last;
    }

    /** Waits until so many more calls were answered. */
    void awaitCalls(int count) {
        long wanted = last.sequence() + count;
        Awaiting.until("update " + wanted + " of " + name, () -> last.sequence() >= wanted || !problems.isEmpty());
    }

    /** What failed, was lost, doubled or started anew; empty when all is well. Ends the user. */
    List<String> stopAndGiveProblems() throws InterruptedException {
        stop = true;
        thread.join();
        return problems;
    }

    @Override
    public void close() throws InterruptedException {
        stopAndGiveProblems();
    }

    /** The instance that serves them. */
    FunctionInstance instance() {
        return Lab.hub().resources(FunctionInstance.class).inNamespace(Lab.NAMESPACE).list().getItems().stream()
                .filter(i -> i.getSpec().user().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no instance of " + name));
    }

    /** One call at a gateway, whatever it answers. */
    static HttpResponse<String> call(
            HttpClient http, String site, String method, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(url(site) + "/function/" + Lab.NAMESPACE + path))
                .timeout(Duration.ofSeconds(60))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String url(String site) {
        String variable = "CAROVANA_GATEWAY_" + site.toUpperCase(Locale.ROOT).replace('-', '_');
        return Objects.requireNonNull(System.getenv(variable), variable + ": run eval \"$(lab/env)\" first");
    }

    private void use() {
        while (!stop && problems.size() < 10) {
            try {
                Cart.State before = last;
                Cart.State answer = add();
                check(answer, before);
                last = answer;
            } catch (IOException | IllegalStateException e) {
                problems.add("at " + site + " after update " + last.sequence() + ": " + e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void check(Cart.State answer, Cart.State before) {
        if (answer.sequence() != before.sequence() + 1) {
            problems.add("update " + (before.sequence() + 1) + " was expected, the cart says " + answer.sequence());
        }
        if (!answer.process().equals(before.process())) {
            problems.add("after update " + before.sequence() + " another process answers");
        }
    }

    private Cart.State add() throws IOException, InterruptedException {
        HttpResponse<String> answer = send();
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return read(answer);
    }

    private HttpResponse<String> send() throws IOException, InterruptedException {
        return call(
                http,
                site,
                "POST",
                "/cart/items",
                "{\"item\":\"thing\",\"quantity\":1}",
                Map.of("X-User", name, "Content-Type", "application/json"));
    }

    private static Cart.State read(HttpResponse<String> answer) throws IOException {
        return JSON.readValue(answer.body(), Cart.State.class);
    }
}
