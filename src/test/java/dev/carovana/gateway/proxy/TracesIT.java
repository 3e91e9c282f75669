// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gateway's spans stand between the caller's and the function's. */
@Timeout(60)
class TracesIT {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    private final GatewayBed gateway =
            new GatewayBed("edge-a", null, Duration.ofSeconds(10), new OpenTelemetryOptions(telemetry));
    private final HttpClient client = HttpClient.newHttpClient();
    private final Pod pod = new Pod(
            request -> request.response().end(String.join(",", request.headers().getAll("traceparent"))));

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
        pod.close();
        telemetry.close();
    }

    private CompletableFuture<String> call(String... headers) {
        HttpRequest.Builder call = HttpRequest.newBuilder(URI.create(gateway.url() + "/function/shop/cart/"))
                .header("X-Carovana-User", "ann");
        if (headers.length > 0) {
            call.headers(headers);
        }
        return client.sendAsync(call.build(), BodyHandlers.ofString()).thenApply(HttpResponse::body);
    }

    @Test
    void aCallThatWasHeldContinuesItsCallersTrace() {
        gateway.know(function(pod.port()), instance("edge-a", 1).setHold("move"));
        CompletableFuture<String> answer = call("traceparent", "00-" + TRACE + "-" + CALLER + "-01");
        await().until(() -> gateway.room.waiting() == 1);

        gateway.tell(instance("edge-a", 2));

        String[] seen = answer.join().split("-");
        await().until(() -> spans.getFinishedSpanItems().size() == 2);
        SpanData server = span(SpanKind.SERVER);
        SpanData sent = span(SpanKind.CLIENT);
        assertThat(server.getTraceId()).isEqualTo(TRACE);
        assertThat(server.getParentSpanId()).isEqualTo(CALLER);
        assertThat(sent.getTraceId()).isEqualTo(TRACE);
        assertThat(sent.getParentSpanId()).isEqualTo(server.getSpanId());
        assertThat(seen).containsExactly("00", TRACE, sent.getSpanId(), "01");
    }

    @Test
    void aCallWithoutATraceBeginsOne() {
        gateway.know(function(pod.port()), instance("edge-a", 1));

        String[] seen = call().join().split("-");
        await().until(() -> spans.getFinishedSpanItems().size() == 2);
        assertThat(span(SpanKind.SERVER).getParentSpanContext().isValid()).isFalse();
        assertThat(seen)
                .contains(
                        span(SpanKind.SERVER).getTraceId(),
                        span(SpanKind.CLIENT).getSpanId());
    }

    private SpanData span(SpanKind kind) {
        return spans.getFinishedSpanItems().stream()
                .filter(s -> s.getKind() == kind)
                .findFirst()
                .orElseThrow();
    }
}
