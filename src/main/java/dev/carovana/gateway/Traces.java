// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway;

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.vertx.core.tracing.TracingOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Spans of calls, in their callers' traces (W3C Trace Context), for a collector. Everything about them is set by
 * OpenTelemetry's own variables; without {@code OTEL_EXPORTER_OTLP_ENDPOINT} there are none, and {@code traceparent} is
 * passed on as it came.
 */
final class Traces {
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private Traces() {}

    /**
     * @param environment of this process
     * @param site of this gateway
     * @return null for no spans
     */
    static @Nullable TracingOptions of(Map<String, String> environment, String site) {
        if (environment.getOrDefault(ENDPOINT, "").isEmpty()) {
            return null;
        }
        // defaults: what the environment says comes before them
        Map<String, String> defaults = Map.of(
                "otel.service.name", "carovana-gateway",
                "otel.resource.attributes", "carovana.site=" + site,
                "otel.exporter.otlp.protocol", "http/protobuf",
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none");
        return new OpenTelemetryOptions(AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> defaults)
                .build()
                .getOpenTelemetrySdk());
    }
}
