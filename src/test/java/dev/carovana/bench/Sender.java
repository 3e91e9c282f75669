// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import dev.carovana.controller.ControllerProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Posts mobility events, one or many in a request, over connections that stay open. Thread-safe. */
final class Sender implements AutoCloseable {
    private static final String SOURCE = "//bench";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    private final URI events;
    private final URI trivial;
    private final String token;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong taken = new AtomicLong();
    private final Map<Integer, Integer> failures = new TreeMap<>();

    Sender(ControllerProcess controller, String token) {
        events = controller.uri("/events");
        trivial = controller.uri("/q/health/live");
        this.token = token;
    }

    /** @param trigger what the event's Migration says of it */
    record Event(String json, String trigger) {}

    Event event(String user, String zone) {
        String id = Long.toString(ids.incrementAndGet());
        String json =
                """
                {"specversion":"1.0","id":"%s","source":"%s","type":"dev.carovana.user.moved.v1",
                 "data":{"user":{"id":"%s"},"to":{"zone":"%s"}}}"""
                        .formatted(id, SOURCE, user, zone);
        return new Event(json, SOURCE + " " + id);
    }

    CompletableFuture<Void> post(Event event) {
        return post("application/cloudevents+json", event.json(), 1);
    }

    CompletableFuture<Void> post(List<Event> batch) {
        String json = String.join(",", batch.stream().map(Event::json).toList());
        return post("application/cloudevents-batch+json", "[" + json + "]", batch.size());
    }

    private CompletableFuture<Void> post(String type, String body, int count) {
        HttpRequest request = HttpRequest.newBuilder(events)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, BodyHandlers.discarding()).handle((answer, problem) -> {
            int status = problem == null ? answer.statusCode() : 0;
            if (status == 202) {
                taken.addAndGet(count);
            } else {
                synchronized (failures) {
                    failures.merge(status, count, Integer::sum);
                }
            }
            return null;
        });
    }

    /** An endpoint that does next to nothing. */
    CompletableFuture<Void> ping() {
        HttpRequest request = HttpRequest.newBuilder(trivial).build();
        return http.sendAsync(request, BodyHandlers.discarding()).thenAccept(answer -> {
            if (answer.statusCode() == 200) {
                taken.incrementAndGet();
            }
        });
    }

    /** What was answered as it should be since the last call. */
    long takeCount() {
        return taken.getAndSet(0);
    }

    /** Events that were not taken, by status; 0 for no answer. */
    Map<Integer, Integer> failures() {
        synchronized (failures) {
            return Map.copyOf(failures);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
