// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.MigrationStatus.Transition;
import dev.carovana.controller.Conditions;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.Condition;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An instance of a program, from its start to what is expected of it, asked through the gateway of the site where it is. */
final class ProgramRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Program program;
    private final String name;
    private String site = "edge-a";
    private long calls;

    private ProgramRun(Program program) {
        this.program = program;
        this.name = program.instance();
    }

    /** Of a program whose function is there. */
    static void of(Program program) throws Exception {
        ProgramRun run = new ProgramRun(program);
        switch (program.outcome().kind()) {
            case NOT_STARTED -> run.isNotStarted();
            case REFUSED -> run.isRefused();
            case FAILS -> run.fails();
            case MOVES -> run.moves();
        }
    }

    private void isNotStarted() {
        Instances.create(name, Instances.ofDeployment(name), site);
        Instances.await(
                name,
                instance -> instance != null
                        && instance.getStatus() != null
                        && isOutcome(Conditions.find(instance.getStatus().conditions(), "Ready")),
                Instances.START);
    }

    private boolean isOutcome(@Nullable Condition ready) {
        return ready != null
                && ready.getStatus().equals("False")
                && ready.getReason().equals(program.outcome().reason());
    }

    private void isRefused() throws Exception {
        begin();
        assertThat(rolledBack("Preflight" + program.outcome().reason()).transitions())
                .as("what %s went through", name)
                .extracting(Transition::phase)
                .doesNotContain(MigrationPhase.Handover);
        end();
    }

    private void fails() throws Exception {
        begin();
        rolledBack(program.outcome().reason());
        end();
    }

    private void moves() throws Exception {
        begin();
        for (String to : List.of("edge-b", "edge-a")) {
            Instances.move(name, to);
            site = to;
            check();
        }
        end();
    }

    private void begin() throws IOException, InterruptedException {
        Instances.start(name, name, site);
        if (program.header().exec() != null) {
            Instances.inContainer(name, "main", program.header().exec());
        }
        for (String path : Program.paths(program.header().before())) {
            call(path);
        }
        check();
    }

    private MigrationStatus rolledBack(String reason) {
        MigrationStatus status = Objects.requireNonNull(
                Instances.finished(Instances.requestMove(name, "edge-b")).getStatus());
        Instances.wish(name, site);
        assertThat(List.of(String.valueOf(status.phase()), String.valueOf(status.reason())))
                .as("%s: %s", name, status.message())
                .containsExactly(MigrationPhase.RolledBack.name(), reason);
        return status;
    }

    private void end() throws IOException, InterruptedException {
        check();
        for (String path : Program.paths(program.header().after())) {
            call(path);
        }
    }

    /** It is as it should be, and the same that has counted the calls before. */
    private void check() throws IOException, InterruptedException {
        long now = call("").path("calls").asLong();
        assertThat(now).as("calls that %s has had at %s", name, site).isGreaterThan(calls);
        calls = now;
    }

    private JsonNode call(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = GatewayUser.call(
                HTTP, site, "GET", "/" + name + "/" + path, "", Map.of("X-Carovana-User", Instances.userOf(name)));
        assertThat(response.statusCode())
                .as("%s at %s: %s", name, site, response.body())
                .isEqualTo(200);
        JsonNode said = JSON.readTree(response.body());
        assertThat(said.path("ok").asBoolean())
                .as("%s at %s: %s", name, site, said)
                .isTrue();
        return said;
    }
}
