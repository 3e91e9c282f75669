// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.KubernetesApi;
import dev.carovana.model.MigrationPhase;
import dev.carovana.rest.FakeReconcilers;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Instances, moves and events from the command line, through the REST API in front of a real kube-apiserver. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
@Timeout(60)
class MoveIT {
    @Inject
    KubernetesClient client;

    @TestHTTPResource("/")
    URI server;

    private Hub hub;
    private FakeReconcilers reconcilers;
    private Terminal terminal;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        reconcilers = new FakeReconcilers(client);
        terminal = new Terminal(Map.of(
                "CAROVANA_URL", server.toString(),
                "CAROVANA_TOKEN", hub.token("admin"),
                "CAROVANA_NAMESPACE", Hub.NAMESPACE));
    }

    @Test
    void startsAndStopsAnInstance() {
        assertThat(terminal.run("create instance --function cart --user alice --site edge-a"))
                .isZero();
        String said = terminal.told();
        assertThat(said).matches("instance/cart-[0-9a-f]+ created at site edge-a\\s+");
        String name = said.substring("instance/".length(), said.indexOf(' '));
        assertThat(terminal.run("create instance --function cart --user bob --site edge-z"))
                .isEqualTo(1);
        assertThat(terminal.complained())
                .startsWith("carovana: Unprocessable Content: site is 'edge-z'")
                .contains("\n  site: 'edge-z', expected one of the sites edge-a, edge-b");

        assertThat(terminal.run("delete instance " + name)).isZero();

        assertThat(terminal.told()).isEqualTo("instance/" + name + " deleted%n".formatted());
        assertThat(hub.get(name)).isNull();
    }

    @Test
    void movesAnInstanceAndTellsThePhases() throws Exception {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);

        CompletableFuture<Integer> move = terminal.begin("move cart-1 --to edge-b --wait");
        terminal.awaitOutput("migration/cart-1-2 requested");
        hub.migration("cart-1-2", "cart-1", MigrationPhase.Preparing);
        terminal.awaitOutput("   0.000 s  Preparing");
        assertThat(move).isNotDone();
        reconcilers.enters("cart-1-2", MigrationPhase.Succeeded, "2026-11-24T10:00:01.500000Z");

        assertThat(move.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(terminal.told())
                .isEqualTo(
                        """
                        migration/cart-1-2 requested
                           0.000 s  Preparing
                           1.377 s  Succeeded
                        instance/cart-1 is at site edge-b; it stood still for 43 ms
                        """);
        assertThat(hub.get("cart-1").getSpec().site()).isEqualTo("edge-b");
    }

    @Test
    void movesAnInstanceThatACopyServesWithoutAMigration() throws Exception {
        hub.instance("words-1", "alice", "edge-a");
        hub.isServed("words-1", "edge-a");

        CompletableFuture<Integer> move = terminal.begin("move words-1 --to edge-b --wait");
        terminal.awaitOutput("instance/words-1 is going to site edge-b: a copy there serves it when it is ready");
        assertThat(move).isNotDone();
        hub.isServed("words-1", "edge-b");

        assertThat(move.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(terminal.told()).endsWith("instance/words-1 is at site edge-b%n".formatted());
        assertThat(hub.get("words-1").getSpec().site()).isEqualTo("edge-b");
    }

    @Test
    void aMoveThatFailsOrTakesTooLong() throws Exception {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);
        assertThat(terminal.run("move cart-1 --to edge-a")).isEqualTo(1);
        assertThat(terminal.complained()).contains("carovana: Conflict: instance 'cart-1' is at site 'edge-a'");

        assertThat(terminal.run("move cart-1 --to edge-b --wait --timeout 10ms"))
                .isEqualTo(1);
        assertThat(terminal.complained()).contains("the time is up: migration/cart-1-2 is not begun");

        hub.instance("cart-2", "bob", "edge-a");
        hub.runs("cart-2", "edge-a", 1, null);
        CompletableFuture<Integer> move = terminal.begin("move cart-2 --to edge-b --wait");
        terminal.awaitOutput("migration/cart-2-2 requested");
        hub.migration("cart-2-2", "cart-2", MigrationPhase.RolledBack);
        assertThat(move.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(terminal.complained()).contains("carovana: migration/cart-2-2 is RolledBack: ");
    }

    @Test
    void aMoveThatFailsAgainAndAgainCanBeTakenBack() {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);
        terminal.run("move cart-1 --to edge-b");
        hub.migration("cart-1-2", "cart-1", MigrationPhase.RolledBack);

        assertThat(terminal.run("move cart-1 --to edge-a")).isZero();

        assertThat(terminal.told())
                .endsWith("instance/cart-1 stays at site edge-a: the move is taken back%n".formatted());
        assertThat(hub.get("cart-1").getSpec().site()).isEqualTo("edge-a");
    }

    @Test
    void abortsWhatWouldBeTriedAgain() {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);
        terminal.run("move cart-1 --to edge-b");
        hub.migration("cart-1-2", "cart-1", MigrationPhase.RolledBack);

        assertThat(terminal.run("abort cart-1-2")).isZero();

        assertThat(hub.get("cart-1").getSpec().site()).isEqualTo("edge-a");
        assertThat(terminal.run("abort cart-1-2")).isEqualTo(1);
        assertThat(terminal.complained()).contains("it can be aborted before the handover only");
    }

    @Test
    void asksBeforeAMove() {
        hub.instance("cart-1", "alice", "edge-a");

        assertThat(terminal.run("preflight cart-1 --to edge-b")).isEqualTo(1);

        assertThat(terminal.told()).startsWith("REASON       MESSAGE\nNotRunning   instance cart-1 ");
    }

    @Test
    void abortsAMigration() {
        hub.migration("cart-1-2", "cart-1", MigrationPhase.Preparing);

        assertThat(terminal.run("abort cart-1-2")).isZero();

        assertThat(terminal.told()).isEqualTo("migration/cart-1-2 is being aborted%n".formatted());
        assertThat(hub.getMigration("cart-1-2")).isNull();
    }

    @Test
    void sendsAnEvent() {
        hub.instance("cart-1", "alice", "edge-a");

        assertThat(terminal.run("event --user alice --zone zone-b")).isZero();
        assertThat(terminal.told())
                .isEqualTo("instance/cart-1 in namespace functions goes to site edge-b%n".formatted());
        assertThat(hub.get("cart-1").getSpec().site()).isEqualTo("edge-b");
        assertThat(terminal.run("event --user nobody --to edge-b")).isEqualTo(1);
        assertThat(terminal.complained()).contains("NoInstance: ");
    }
}
