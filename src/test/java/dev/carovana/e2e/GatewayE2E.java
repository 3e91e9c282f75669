// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.MigrationPhase;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A user who only knows the gateways: no call fails, none is lost or doubled, whatever moves or dies (R4, R8, R9). */
@Isolated("kills what all sites' functions share")
class GatewayE2E {
    @RegisterExtension
    final GatewayUsers users = new GatewayUsers();

    @Test
    void aFirstCallStartsTheInstanceAndNoCallFailsWhileItFollowsItsUser() throws Exception {
        try (GatewayUser user = users.user("follows", "edge-a")) {
            String name = user.instance().getMetadata().getName();
            assertThat(user.instance().getStatus().site()).isEqualTo("edge-a");
            for (String site : List.of("edge-b", "edge-a", "hub", "edge-b", "edge-a", "edge-b")) {
                user.goTo(site);
                user.awaitCalls(5);
                Instances.move(name, site);
                user.awaitCalls(5);
            }
            assertThat(user.stopAndGiveProblems()).isEmpty();
        }
    }

    @Test
    void answersSayWhereTheyComeFromWhicheverGatewayIsAsked() throws Exception {
        try (GatewayUser user = users.user("headers", "edge-a")) {
            FunctionInstance instance = user.instance();
            assertThat(user.stopAndGiveProblems()).isEmpty();
            for (String site : Lab.SITES) {
                HttpResponse<String> answer = GatewayUser.call(
                        HttpClient.newHttpClient(),
                        site,
                        "GET",
                        "/cart/cart",
                        "",
                        Map.of("X-User", instance.getSpec().user()));
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("Carovana-Site")).contains("edge-a");
                assertThat(answer.headers().firstValue("Carovana-Epoch")).contains("1");
            }
        }
    }

    @Test
    void aCallWithoutAUserOrAFunctionIsRefusedWithTheReason() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpResponse<String> nobody = GatewayUser.call(http, "edge-a", "GET", "/cart/cart", "", Map.of());
        assertThat(nobody.statusCode()).isEqualTo(400);
        assertThat(nobody.body()).contains("X-User");
        HttpResponse<String> nothing =
                GatewayUser.call(http, "edge-a", "GET", "/no-such/cart", "", Map.of("X-User", "ann"));
        assertThat(nothing.statusCode()).isEqualTo(404);
        assertThat(nothing.body()).contains("no-such");
    }

    @Test
    void aMoveThatIsRolledBackIsAPauseAndNoError() throws Exception {
        try (GatewayUser user = users.user("rolls-back", "edge-a")) {
            String name = user.instance().getMetadata().getName();
            Instances.keepOpenWhatCannotBeRestored(name);
            Migration ended = Instances.finished(Instances.requestMove(name, "edge-b"));
            Instances.wish(name, "edge-a");
            assertThat(ended.getStatus().phase()).isEqualTo(MigrationPhase.RolledBack);
            user.awaitCalls(20);
            assertThat(user.stopAndGiveProblems()).isEmpty();
        }
    }

    /** Its state is lost, which its user notices; but every call is answered. */
    @Test
    void noCallFailsWhenAnInstanceStartsAnew() throws Exception {
        try (GatewayUser user = users.user("anew", "edge-a")) {
            user.awaitCalls(20);
            String before = user.last().process();
            Deployments.annotate(
                    "cart", FunctionContract.RESTARTED_AT, Instant.now().toString());
            Awaiting.until(
                    "another process answers", () -> !user.last().process().equals(before));
            assertThat(user.stopAndGiveProblems()).hasSize(2).noneMatch(problem -> problem.startsWith("at "));
        }
    }

    @Test
    void callsGoOnWhileTheControllerIsDown() throws Exception {
        try (GatewayUser user = users.user("no-hub", "edge-b")) {
            var controller =
                    Lab.hub().apps().deployments().inNamespace(Lab.SYSTEM).withName("carovana-controller");
            controller.scale(0);
            try {
                Lab.hub()
                        .pods()
                        .inNamespace(Lab.SYSTEM)
                        .withLabel("app.kubernetes.io/component", "controller")
                        .waitUntilCondition(p -> p == null, 60, TimeUnit.SECONDS);
                user.awaitCalls(20);
                user.goTo("edge-a");
                user.awaitCalls(20);
            } finally {
                controller.scale(1);
            }
            Awaiting.until(
                    "the controller has its agents back",
                    () -> Instances.mayMove(user.instance().getMetadata().getName(), "edge-a"));
            Instances.move(user.instance().getMetadata().getName(), "edge-a");
            user.awaitCalls(5);
            assertThat(user.stopAndGiveProblems()).isEmpty();
        }
    }

    @Test
    void noCallFailsWhenControllerOrAgentsAreKilledDuringAMove() throws Exception {
        try (GatewayUser user = users.user("killed", "edge-a")) {
            String name = user.instance().getMetadata().getName();
            String site = "edge-a";
            for (Runnable kill : List.<Runnable>of(
                    Lab::killController, () -> Lab.killAgent("edge-a"), () -> Lab.killAgent("edge-b"))) {
                String next = other(site);
                Awaiting.until("both agents are there", () -> Instances.mayMove(name, next));
                String migration = Instances.requestMove(name, next);
                Instances.reached(migration, MigrationPhase.Draining, kill);
                MigrationPhase end = Instances.finished(migration).getStatus().phase();
                assertThat(end).isIn(MigrationPhase.Succeeded, MigrationPhase.RolledBack);
                site = end == MigrationPhase.Succeeded ? next : site;
                Instances.wish(name, site);
                user.awaitCalls(20);
            }
            assertThat(user.stopAndGiveProblems()).isEmpty();
        }
    }

    @Test
    void aGatewayThatIsKilledLearnsItsRoutesBeforeItTakesCalls() throws Exception {
        try (GatewayUser user = users.user("new-gateway", "edge-a")) {
            user.goTo("edge-b");
            user.awaitCalls(5);
            user.goTo("edge-a");
            user.awaitCalls(5);
            Lab.killGateway("edge-b");
            user.awaitCalls(20);
            Awaiting.untilItStays("the gateway of edge-b passes calls on", () -> passesOn("edge-b", user));
            user.goTo("edge-b");
            user.awaitCalls(20);
            assertThat(user.stopAndGiveProblems()).isEmpty();
        }
    }

    /** Whether a gateway answers; one that does may not say that it does not know the function or the user. */
    private static boolean passesOn(String site, GatewayUser user) throws InterruptedException {
        try {
            HttpResponse<String> answer = GatewayUser.call(
                    HttpClient.newHttpClient(),
                    site,
                    "GET",
                    "/cart/cart",
                    "",
                    Map.of("X-User", user.instance().getSpec().user()));
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 503);
            return answer.statusCode() == 200;
        } catch (IOException e) {
            return false; // nobody listens
        }
    }

    private static String other(String site) {
        return site.equals("edge-a") ? "edge-b" : "edge-a";
    }
}
