// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.carovana.samples.readings.Readings.State;
import dev.carovana.samples.readings.Window.Statistics;
import io.quarkus.runtime.Startup;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** The readings over HTTP. Made when the process starts, not with the first call: it tells how long that has been up. */
@Startup
@Path("/")
public class ReadingsResource {
    private final String process = UUID.randomUUID().toString();
    private final Instant startedAt = Instant.now();
    private final long startedNanos = System.nanoTime();
    private final Readings readings;
    private final ObjectMapper json;

    ReadingsResource(Readings readings, ObjectMapper json) {
        this.readings = readings;
        this.json = json;
    }

    /**
     * What a call is answered with.
     *
     * @param process random at each start of the process
     * @param uptimeSeconds by the monotonic clock
     */
    public record Answer(
            long sequence,
            String hash,
            Map<String, Statistics> sensors,
            String process,
            Instant startedAt,
            double uptimeSeconds) {}

    /** For probes. */
    public record Health(String status) {}

    /** For whoever made a mistake. */
    public record Problem(String error) {}

    @GET
    @Path("readings")
    public Answer get() {
        return answer(readings.state());
    }

    @POST
    @Path("readings")
    @Consumes(MediaType.WILDCARD)
    public Answer add(String body) {
        JsonNode reading = parse(body);
        JsonNode sensor = reading.path("sensor");
        JsonNode value = reading.path("value");
        if (!sensor.isTextual()) {
            throw new InvalidReading("sensor must be a string, not " + text(sensor));
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidReading("value must be a whole number, not " + text(value));
        }
        return answer(readings.add(sensor.textValue(), value.longValue()));
    }

    @GET
    @Path("{probe: healthz|readyz}")
    public Health health() {
        return new Health("ok");
    }

    @ServerExceptionMapper
    public Response refused(InvalidReading e) {
        return Response.status(Response.Status.BAD_REQUEST)
                .type(MediaType.APPLICATION_JSON)
                .entity(new Problem(e.getMessage()))
                .build();
    }

    private JsonNode parse(String body) {
        try {
            JsonNode node = json.readTree(body);
            if (node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new InvalidReading("the body must be JSON: " + e.getOriginalMessage());
        }
        throw new InvalidReading("the body must be an object: {\"sensor\": \"pulse\", \"value\": 72}");
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() ? "absent" : node.toString();
    }

    private Answer answer(State state) {
        double uptime = Duration.ofNanos(System.nanoTime() - startedNanos).toMillis() / 1000.0;
        return new Answer(state.chain().sequence(), state.chain().hash(), state.sensors(), process, startedAt, uptime);
    }
}
