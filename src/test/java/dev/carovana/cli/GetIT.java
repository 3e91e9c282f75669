// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.KubernetesApi;
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

/** What the command line shows, of the REST API in front of a real kube-apiserver. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
@Timeout(60)
class GetIT {
    @Inject
    KubernetesClient client;

    @TestHTTPResource("/")
    URI server;

    private Hub hub;
    private Terminal terminal;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        terminal = new Terminal(Map.of(
                "CAROVANA_URL", server.toString(),
                "CAROVANA_TOKEN", hub.token("admin"),
                "CAROVANA_NAMESPACE", Hub.NAMESPACE));
    }

    @Test
    void listsInEachFormat() {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);
        hub.instance("cart-2", "bob", "edge-b");

        assertThat(terminal.run("get instances")).isZero();
        assertThat(terminal.told())
                .isEqualTo(
                        """
                        NAME     FUNCTION   WANTED   SITE     PHASE     EPOCH
                        cart-1   cart       edge-a   edge-a   Running   1
                        cart-2   cart       edge-b   <none>   <none>    <none>
                        """);
        terminal.run("get fi -A -o wide");
        assertThat(terminal.told()).contains("NAMESPACE   NAME ", "functions   cart-1 ", "alice", "10.102.0.5");
        terminal.run("get instance cart-1 -o yaml");
        assertThat(terminal.told()).contains("name: \"cart-1\"\n", "  kind: \"Deployment\"\n");
        terminal.run("get instances -o json");
        assertThat(terminal.told()).startsWith("[").contains("\"name\" : \"cart-2\"");
        terminal.run("get sites -o name");
        assertThat(terminal.told()).isEqualTo("site/edge-a\nsite/edge-b\n");
        assertThat(terminal.complained()).isEmpty();
    }

    @Test
    void functionsAreListedWithWhatIsWrongWithThem() {
        hub.instance("cart-1", "alice", "edge-a");

        assertThat(terminal.run("get functions")).isZero();
        assertThat(terminal.told())
                .isEqualTo(
                        """
                        NAME        KIND         STATE    ACCEPTED   INSTANCES
                        cart        Deployment   local    true       1
                        single      Deployment   local    true       0
                        thumbnail   Deployment   remote   true       0
                        wrong       Deployment   <none>   false      0
                        """);
        terminal.run("get function wrong -o wide");
        assertThat(terminal.told()).contains("max-instances is 'few'").doesNotContain("cart");
        assertThat(terminal.complained()).isEmpty();
        assertThat(terminal.run("get function lost")).isEqualTo(1);
        assertThat(terminal.complained()).contains("there is no function 'lost'");
    }

    @Test
    void functionsAreFollowedWithTheNumberOfTheirInstances() throws Exception {
        CompletableFuture<Integer> watch = terminal.begin("get functions -w");
        terminal.awaitOutput("wrong");
        assertThat(terminal.told()).doesNotContain("true       1");
        hub.instance("cart-1", "alice", "edge-a");
        terminal.awaitOutput("cart        Deployment   local    true       1");
        terminal.close();
        hub.clear();
        assertThat(watch.get(20, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void nothingIsThere() {
        assertThat(terminal.run("get migrations -n elsewhere")).isZero();
        assertThat(terminal.complained()).isEqualTo("No migrations found.%n".formatted());
        assertThat(terminal.run("get migrations -o json")).isZero();
        assertThat(terminal.told().strip()).isEqualTo("[ ]");
        assertThat(terminal.run("get migrations cart-1-2")).isEqualTo(1);
        assertThat(terminal.complained())
                .endsWith(
                        "carovana: Not Found: there is no migration 'cart-1-2' in namespace 'functions'%n".formatted());
    }

    @Test
    void aCallerWithoutATokenOrARight() {
        terminal.put("CAROVANA_TOKEN", "not-a-token");
        assertThat(terminal.run("get sites")).isEqualTo(1);
        assertThat(terminal.complained())
                .isEqualTo("carovana: Unauthorized: the bearer token is not valid%n".formatted());
        terminal.put("CAROVANA_TOKEN", hub.token("nobody"));
        assertThat(terminal.run("cordon edge-a")).isEqualTo(1);
        assertThat(terminal.complained())
                .contains("carovana: Forbidden: user 'system:serviceaccount:functions:nobody' may not patch sites");
        assertThat(terminal.run("get sites -w")).isEqualTo(1);
    }

    @Test
    void followsChangesUntilNobodyReads() throws Exception {
        hub.instance("cart-1", "alice", "edge-a");
        CompletableFuture<Integer> watch = terminal.begin("get instances -w");
        terminal.awaitOutput("cart-1");
        hub.runs("cart-1", "edge-a", 1, null);
        terminal.awaitOutput("Running");
        hub.instance("cart-2", "bob", "edge-a");
        terminal.awaitOutput("cart-2");

        assertThat(terminal.told().lines())
                .containsExactly(
                        "NAME     FUNCTION   WANTED   SITE     PHASE    EPOCH",
                        "cart-1   cart       edge-a   <none>   <none>   <none>",
                        "cart-1   cart       edge-a   edge-a   Running   1",
                        "cart-2   cart       edge-a   <none>   <none>   <none>");
        terminal.close();
        hub.instance("cart-3", "carol", "edge-a");
        assertThat(watch.get(20, TimeUnit.SECONDS)).isZero();
    }
}
